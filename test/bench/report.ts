import { cpus, totalmem } from 'node:os';
import type { Comparison, Figure, Unit } from './figures.ts';
import type { Row } from './row.ts';

export interface Measured {
  readonly row: Row;
  readonly figures: readonly Figure[];
}

const heads = ['', 'median', 'compared', 'aim', ''] as const;

/** For a terminal. */
export function asText({ row, figures }: Measured): string {
  const lines = figures.map(cells);
  const widths = heads.map((head, column) =>
    Math.max(head.length, ...lines.map((line) => (line[column] ?? '').length)),
  );
  const pad = (text: string, column: number) => {
    const width = widths[column] ?? 0;
    return column === 0 ? text.padEnd(width) : text.padStart(width);
  };
  const table = [heads, ...lines].map((line) => `  ${line.map(pad).join('  ')}`.trimEnd());
  return [`\n${row.title}`, ...table, ...row.notes.map((note) => `  · ${note}`)].join('\n');
}

/** How many aims were met, and which were not. */
export function summary(all: readonly Measured[]): string {
  const aims = all.flatMap(({ row, figures }) => figures.map(({ what, aim }) => ({ what: `${row.id}, ${what}`, aim })));
  const missed = aims.filter(({ aim }) => aim?.met === false).map(({ what }) => what);
  const met = aims.filter(({ aim }) => aim?.met).length;
  return `\n${met} aims met, ${missed.length} missed${missed.map((what) => `\n  ${what}`).join('')}`;
}

/** For docs/benchmarks.md. */
export function asMarkdown(all: readonly Measured[], roundCount: number): string {
  const sections = all.map(({ row, figures }) => {
    const table = figures.map((figure) => `| ${cells(figure).join(' | ')} |`);
    const notes = row.notes.map((note) => `- ${note}`);
    return [
      `## ${row.title}`,
      '',
      '| | median | compared | aim | |',
      '|---|--:|--:|--:|---|',
      ...table,
      '',
      ...notes,
    ].join('\n');
  });
  return [...preamble(roundCount), ...sections.map((section) => `\n${section}`), ''].join('\n');
}

export function machine(): string {
  const model = cpus()[0]?.model.trim() ?? 'unknown processor';
  return `${cpus().length} cores (${model}), ${Math.round(totalmem() / 2 ** 30)} GiB, Linux, Node ${process.versions.node}`;
}

function preamble(roundCount: number): string[] {
  return [
    '# Benchmarks',
    '',
    `Written by \`npm run bench -- --markdown\` on ${machine()}.`,
    '',
    `All contenders of a table run in turn in each of ${roundCount} rounds or more; a comparison is the median of the rounds' own`,
    'comparisons, so that it holds although times vary from one machine, and one minute, to the next.',
  ];
}

function cells(figure: Figure): string[] {
  const { what, value, unit, against, aim } = figure;
  const verdict = aim ? (aim.met ? 'met' : 'MISSED') : '';
  return [what, amount(value, unit), against ? comparison(against, unit) : '', aim?.says ?? '', verdict];
}

function comparison(against: Comparison, unit: Unit): string {
  if (against.kind === 'ratio') return `${against.value.toPrecision(3)} × ${against.to}`;
  return `${against.value < 0 ? '−' : '+'}${amount(Math.abs(against.value), unit)} to ${against.to}`;
}

function amount(value: number, unit: Unit): string {
  const digits = value >= 100 ? 0 : value >= 10 ? 1 : value >= 1 ? 2 : 3;
  const number = value.toLocaleString('en', { maximumFractionDigits: digits });
  return unit === '/s' ? `${number}/s` : `${number} ${unit}`;
}

import type { Sample } from '../model/reading.ts';

export const prometheusType = 'text/plain; version=0.0.4; charset=utf-8';

/**
 * Samples in Prometheus' text format 0.0.4: a gauge for each field, `virtflow_vm_cpu_ratio`, with the tags as labels.
 * Each family stands together, after its HELP and TYPE.
 */
export function prometheusText(samples: readonly Sample[]): string {
  const families = new Map<string, { readonly help: string; readonly lines: string[] }>();
  for (const { measurement, tags, fields } of samples) {
    const labels = labelsOf(tags);
    for (const [field, value] of Object.entries(fields)) {
      const name = `virtflow_${measurement}_${field}`.replace(/[^a-zA-Z0-9_:]/g, '_');
      const family = families.get(name) ?? { help: `${field} of measurement ${measurement}.`, lines: [] };
      families.set(name, family);
      family.lines.push(`${name}{${labels}} ${figure(value)}`);
    }
  }
  return [...families]
    .map(
      ([name, { help, lines }]) =>
        `${[`# HELP ${name} ${escaped(help)}`, `# TYPE ${name} gauge`, ...lines].join('\n')}\n`,
    )
    .join('');
}

function labelsOf(tags: Sample['tags']): string {
  return Object.entries(tags)
    .map(([tag, value]) => `${tag.replace(/[^a-zA-Z0-9_]/g, '_')}="${escaped(value).replaceAll('"', '\\"')}"`)
    .join(',');
}

function escaped(text: string): string {
  return text.replaceAll('\\', '\\\\').replaceAll('\n', '\\n');
}

function figure(value: number): string {
  if (Number.isFinite(value)) return String(value);
  return Number.isNaN(value) ? 'NaN' : value > 0 ? '+Inf' : '-Inf';
}

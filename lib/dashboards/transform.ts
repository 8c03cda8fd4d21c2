import { type Cell, type Field, type Frame, lengthOf, withRows } from './frame.ts';
import type { Transformation } from './model.ts';
import { reduceCells } from './reduce.ts';

type Options = Readonly<Record<string, unknown>>;
type Transform = (frames: readonly Frame[], options: Options) => readonly Frame[];

/** Those of Grafana's transformations that we know; what is not known leaves everything as it is. */
const transforms: Readonly<Record<string, Transform>> = {
  organize: (frames, options) => frames.map((frame) => organized(frame, options)),
  sortBy: (frames, options) => frames.map((frame) => sorted(frame, options)),
  limit: (frames, { limitField }) => frames.map((frame) => limited(frame, Number(limitField ?? 10))),
  joinByField: (frames, options) => joined(frames, options),
  seriesToColumns: (frames, options) => joined(frames, options),
  calculateField: (frames, options) => joined(frames, {}).map((frame) => calculated(frame, options)),
  reduce: (frames, options) => reduced(frames, options),
  merge: (frames) => merged(frames),
};

/** The modes that are known of those that have several; the first where a file names none. */
const modes: Readonly<Record<string, readonly string[]>> = {
  joinByField: ['outer', 'inner'],
  calculateField: ['reduceRow', 'binary'],
  reduce: ['seriesToRows'],
};

export function isKnown({ id, options }: Transformation): boolean {
  if (!Object.hasOwn(transforms, id)) return false;
  const mode = textOf(entries(options).mode);
  return mode === '' || !modes[id] || modes[id].includes(mode);
}

export function transform(frames: readonly Frame[], steps: readonly Transformation[]): readonly Frame[] {
  return steps
    .filter((step) => step.disabled !== true && isKnown(step))
    .reduce((made, { id, options }) => transforms[id]?.(made, entries(options)) ?? made, frames);
}

function organized(frame: Frame, options: Options): Frame {
  const [hidden, order, names] = [options.excludeByName, options.indexByName, options.renameByName].map(entries);
  const place = ({ name }: Field, index: number) => Number(order?.[name] ?? index + 1_000);
  const kept = frame.fields
    .map((field, index) => ({ field, place: place(field, index) }))
    .filter(({ field }) => hidden?.[field.name] !== true)
    .sort((a, b) => a.place - b.place);
  const renamed = (field: Field): Field => ({ ...field, name: textOf(names?.[field.name]) || field.name });
  return { ...frame, fields: kept.map(({ field }) => renamed(field)) };
}

function sorted(frame: Frame, { sort }: Options): Frame {
  const by = entries(Array.isArray(sort) ? sort[0] : undefined);
  const field = frame.fields.find(({ name }) => name === by.field);
  if (!field) return frame;
  const sign = by.desc === true ? -1 : 1;
  const rows = [...field.values.keys()].sort((a, b) => sign * compare(field.values[a], field.values[b]));
  return withRows(frame, rows);
}

/** What is missing comes first, so that it is last where the greatest are looked for. */
function compare(a: Cell | undefined, b: Cell | undefined): number {
  if (typeof a === 'number' && typeof b === 'number') return a - b;
  if ((a ?? null) === null || (b ?? null) === null) return Number((a ?? null) !== null) - Number((b ?? null) !== null);
  return String(a).localeCompare(String(b), 'en', { numeric: true });
}

function limited(frame: Frame, count: number): Frame {
  return withRows(frame, [...Array(Math.min(Math.max(0, count), lengthOf(frame))).keys()]);
}

/** One frame with a row for each time, or value of the field that is named, that any or all of them have. */
function joined(frames: readonly Frame[], { byField, mode }: Options): readonly Frame[] {
  const [first] = frames;
  if (first === undefined || frames.length === 1) return frames;
  const sides = frames.map((frame) => {
    const key = keyField(frame, byField);
    const rows = new Map(key?.values.map((value, row) => [value, row]));
    return { key, rows, own: frame.fields.filter((field) => field !== key) };
  });
  const all = [...new Set(sides.flatMap(({ rows }) => [...rows.keys()]))].sort(compare);
  const values = mode === 'inner' ? all.filter((value) => sides.every(({ rows }) => rows.has(value))) : all;
  const fields = sides.flatMap(({ rows, own }) =>
    own.map((field) => ({ ...field, values: values.map((value) => field.values[rows.get(value) ?? -1] ?? null) })),
  );
  const { name = 'Time', type = 'time' } = sides[0]?.key ?? {};
  return [{ refId: first.refId, fields: [{ name, type, values }, ...fields] }];
}

function keyField({ fields }: Frame, name: unknown): Field | undefined {
  return fields.find((field) => field.name === name) ?? fields.find(({ type }) => type === 'time') ?? fields[0];
}

function calculated(frame: Frame, { mode, reduce, binary, alias, replaceFields }: Options): Frame {
  const values = mode === 'binary' ? binaryOf(frame, entries(binary)) : reduceRows(frame, entries(reduce));
  const name = textOf(alias) || 'Total';
  const made: Field = { name, type: 'number', values };
  const kept = replaceFields === true ? frame.fields.filter(({ type }) => type === 'time') : frame.fields;
  return { ...frame, fields: [...kept, made] };
}

function reduceRows(frame: Frame, { reducer, include }: Options): readonly Cell[] {
  const wanted = Array.isArray(include) && include.length > 0 ? new Set<unknown>(include) : undefined;
  const fields = frame.fields.filter(({ type, name }) => type === 'number' && (!wanted || wanted.has(name)));
  const row = (index: number) => fields.map(({ values }) => values[index] ?? null);
  return Array.from({ length: lengthOf(frame) }, (_, index) => reduceCells(textOf(reducer) || 'sum', row(index)));
}

function binaryOf(frame: Frame, { left, right, operator }: Options): readonly Cell[] {
  const operand = (name: unknown) => {
    const text =
      typeof name === 'string' ? name : textOf(entries(entries(name).matcher).options ?? entries(name).fixed);
    const field = frame.fields.find((one) => one.name === text);
    return (row: number) => (field ? (field.values[row] ?? null) : text === '' ? null : Number(text));
  };
  const [a, b] = [operand(left), operand(right)];
  return Array.from({ length: lengthOf(frame) }, (_, row) => combine(a(row), b(row), textOf(operator)));
}

function combine(a: Cell, b: Cell, operator: string): number | null {
  if (typeof a !== 'number' || typeof b !== 'number') return null;
  const made = operator === '-' ? a - b : operator === '*' ? a * b : operator === '/' ? a / b : a + b;
  return Number.isFinite(made) ? made : null;
}

/** A row for each series, a column for each reducer. */
function reduced(frames: readonly Frame[], { reducers }: Options): readonly Frame[] {
  const ids = Array.isArray(reducers) && reducers.length > 0 ? reducers.map(String) : ['max'];
  const all = frames.flatMap(({ fields }) => fields.filter(({ type }) => type === 'number'));
  const columns = ids.map((id): Field => {
    return { name: titles[id] ?? id, type: 'number', values: all.map(({ values }) => reduceCells(id, values)) };
  });
  return [
    {
      refId: frames[0]?.refId ?? 'A',
      fields: [{ name: 'Field', type: 'string', values: all.map((one) => one.name) }, ...columns],
    },
  ];
}

const titles: Readonly<Record<string, string>> = {
  lastNotNull: 'Last *',
  last: 'Last',
  max: 'Max',
  min: 'Min',
  mean: 'Mean',
  sum: 'Total',
  count: 'Count',
};

/** Rows that agree in all columns that the tables share become one row. */
function merged(frames: readonly Frame[]): readonly Frame[] {
  const [first, ...others] = frames;
  if (first === undefined || others.length === 0) return frames;
  const shared = first.fields.filter(
    ({ name, type }) => type === 'string' && others.every((one) => hasField(one, name)),
  );
  const rows = new Map<string, Map<string, Cell>>();
  const fields = new Map<string, Field>();
  for (const frame of frames) {
    for (const field of frame.fields) if (!fields.has(field.name)) fields.set(field.name, field);
    for (let row = 0; row < lengthOf(frame); row++) addRow(rows, keyOf(frame, shared, row), frame, row);
  }
  const made = [...rows.values()];
  const columns = [...fields.values()].map((field) => ({
    ...field,
    values: made.map((row) => row.get(field.name) ?? null),
  }));
  return [{ refId: first.refId, fields: columns }];
}

function hasField({ fields }: Frame, name: string): boolean {
  return fields.some((field) => field.name === name);
}

function keyOf(frame: Frame, shared: readonly Field[], row: number): string {
  return JSON.stringify(shared.map(({ name }) => frame.fields.find((field) => field.name === name)?.values[row]));
}

function addRow(rows: Map<string, Map<string, Cell>>, key: string, frame: Frame, row: number): void {
  const made = rows.get(key) ?? new Map<string, Cell>();
  rows.set(key, made);
  for (const { name, values } of frame.fields) if (!made.has(name)) made.set(name, values[row] ?? null);
}

function entries(value: unknown): Options {
  return typeof value === 'object' && value !== null ? { ...value } : {};
}

function textOf(value: unknown): string {
  return typeof value === 'string' || typeof value === 'number' ? String(value) : '';
}

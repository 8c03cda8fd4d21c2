export type Cell = number | string | null;

/** A column of a table, or the times or figures of a series. */
export interface Field {
  readonly name: string;
  readonly type: 'time' | 'number' | 'string';
  readonly labels?: Readonly<Record<string, string>>;
  readonly values: readonly Cell[];
}

/** What one series, or one table, consists of; all fields are of one length. */
export interface Frame {
  readonly refId: string;
  readonly fields: readonly Field[];
}

export function lengthOf({ fields }: Frame): number {
  return fields[0]?.values.length ?? 0;
}

/** The same rows in another order, or fewer of them. */
export function withRows(frame: Frame, rows: readonly number[]): Frame {
  const fields = frame.fields.map((field) => ({ ...field, values: rows.map((row) => field.values[row] ?? null) }));
  return { ...frame, fields };
}

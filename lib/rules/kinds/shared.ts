import { Type } from 'typebox';
import { Level } from '../levels.ts';
import { Targets } from '../targets.ts';

/** A property that a kind does not know is a mistake, not a wish. */
export const closed = { additionalProperties: false };

export const Seconds = Type.Number({ minimum: 0, maximum: 366 * 86_400 });

export const MeasurementName = Type.Union([
  Type.Literal('vm'),
  Type.Literal('vm_disk'),
  Type.Literal('vm_nic'),
  Type.Literal('vm_filesystem'),
  Type.Literal('host'),
  Type.Literal('storage_pool'),
  Type.Literal('pool'),
  Type.Literal('protection'),
]);

/** What every rule has. */
export const common = {
  /** Lasting and unique; states are kept under it. */
  id: Type.String({ minLength: 1 }),
  name: Type.String(),
  targets: Type.Optional(Targets),
  forSeconds: Type.Optional(Seconds),
  keepFiringForSeconds: Type.Optional(Seconds),
} as const;

export const levels = Type.Array(Level, { minItems: 1, maxItems: 3 });
export const Direction = Type.Union([Type.Literal('above'), Type.Literal('below')]);

export const Figure = Type.Object(
  { field: Type.String({ minLength: 1 }), of: Type.Optional(Type.String({ minLength: 1 })) },
  closed,
);

/** What the rules have that judge figures of samples. */
export const sampled = {
  measurement: Type.Optional(MeasurementName),
  /** The field to judge; with `of`, its share of another field of the same sample. */
  value: Figure,
  /** `percent` without `of` is for ratios: 0.9 is judged as 90. */
  unit: Type.Union([Type.Literal('absolute'), Type.Literal('percent')]),
  hits: Type.Optional(
    Type.Object({ n: Type.Integer({ minimum: 1 }), m: Type.Integer({ minimum: 1, maximum: 30 }) }, closed),
  ),
  noDataAfterSeconds: Type.Optional(Seconds),
} as const;

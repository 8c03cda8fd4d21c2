import { type Static, Type } from 'typebox';
import { type Meter, stillMeter } from '../meter.ts';
import { span } from './figure.ts';
import { closed, common, Figure, levels, MeasurementName } from './shared.ts';
import { Stopwatch, shifted, sinceOf } from './stopwatch.ts';

export const AbsenceRule = Type.Object(
  {
    ...common,
    kind: Type.Literal('absence'),
    measurement: Type.Optional(MeasurementName),
    /** The field that has to come; any sample will do when not given. */
    value: Type.Optional(Figure),
    /** Thresholds are seconds without a sample. */
    levels,
  },
  closed,
);
export type AbsenceRule = Static<typeof AbsenceRule>;

/** Reads for how long there has been no sample of an object that there were samples of. */
export function absenceMeter(rule: AbsenceRule): Meter {
  const watch = new Stopwatch(rule.levels);
  const what = rule.value ? `figure of ${rule.value.field}` : 'sample';
  return {
    ...stillMeter,
    take(memory, input) {
      if (input.type !== 'sample') return { memory };
      if (rule.value && input.fields[rule.value.field] === undefined) return { memory };
      return { ...watch.read(input.at, input.at) };
    },
    due: (memory) => watch.due(memory),
    pass: (memory, at) => watch.read(sinceOf(memory), at),
    shift: shifted,
    is: (value) => (value ? `no ${what} has come for ${span(value)}` : `a ${what} has come`),
    lack: `no ${what}`,
    figure: span,
    evidence: (memory) => ({ field: rule.value?.field ?? null, lastSampleAt: sinceOf(memory) }),
  };
}

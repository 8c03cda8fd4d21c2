import type { FigureFrame } from './figure-source.ts';
import type { Field, Frame } from './frame.ts';
import type { Target } from './model.ts';

/** The frames of a target: a series each, or one table with a column for each tag. */
export function framesOf({ refId = 'A', resultFormat }: Target, found: readonly FigureFrame[]): Frame[] {
  if (resultFormat === 'table') return found.length === 0 ? [] : [tableOf(refId, found)];
  return found.flatMap(({ tags, times, columns }) =>
    columns.map(({ name, values }) => ({
      refId,
      fields: [timeField(times), { ...figures(name, values), labels: tags }],
    })),
  );
}

function timeField(values: readonly number[]): Field {
  return { name: 'Time', type: 'time', values };
}

function figures(name: string, values: readonly (number | null)[]): Field {
  return { name, type: 'number', values };
}

function tableOf(refId: string, found: readonly FigureFrame[]): Frame {
  const first = found[0];
  const tags = Object.keys(first?.tags ?? {});
  const columns = first?.columns ?? [];
  return {
    refId,
    fields: [
      timeField(found.flatMap(({ times }) => times)),
      ...tags.map((tag): Field => {
        const values = found.flatMap(({ tags: own, times }) => times.map(() => own[tag] ?? ''));
        return { name: tag, type: 'string', values };
      }),
      ...columns.map(({ column }, index) =>
        figures(
          column,
          found.flatMap((frame) => frame.columns[index]?.values ?? []),
        ),
      ),
    ],
  };
}

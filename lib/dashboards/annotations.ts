import { type ErrorRecord, toVirtflowError } from '../model/errors.ts';
import { readEventQuery } from './event-query.ts';
import type { FigureOptions, FigureRange, FigureSource } from './figure-source.ts';
import type { Annotation, Dashboard } from './model.ts';

/** A mark on all time series. */
export interface Mark {
  readonly name: string;
  readonly color: string;
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly text: string;
}

export interface Marks {
  /** The latest first. */
  readonly marks: readonly Mark[];
  /** What kept one of the annotations from being answered. */
  readonly error: ErrorRecord | null;
}

const mostMarks = 500;

/**
 * What the annotations of a dashboard find in a range, the latest that there is room for; one that fails keeps nothing
 * from the others.
 */
export async function marksOf(
  { annotations }: Dashboard,
  names: readonly string[] | undefined,
  range: FigureRange,
  source: FigureSource,
  options: FigureOptions,
): Promise<Marks> {
  const known = (annotations?.list ?? []).filter(({ builtIn }) => builtIn !== 1);
  const wanted = known.filter(({ enable, name }) => names?.includes(name) ?? enable !== false);
  const found = await Promise.allSettled(wanted.map((one) => marksIn(one, range, source, options)));
  options.signal?.throwIfAborted();
  const failed = found.find(({ status }) => status === 'rejected');
  const marks = found.flatMap((one) => (one.status === 'fulfilled' ? one.value : []));
  return {
    marks: marks.sort((a, b) => b.at - a.at).slice(0, mostMarks),
    error: failed?.status === 'rejected' ? toVirtflowError(failed.reason).toJSON() : null,
  };
}

async function marksIn(
  { name, iconColor = 'blue', query }: Annotation,
  range: FigureRange,
  source: FigureSource,
  options: FigureOptions,
): Promise<readonly Mark[]> {
  const asked = readEventQuery(query ?? '');
  if (!asked) return [];
  const { fields, measurement, conditions } = asked;
  const [field = '', ...tags] = fields;
  const { frames } = await source.query(
    {
      measurement,
      tags: conditions,
      select: [[{ type: 'field', params: [field] }]],
      groupBy: tags.map((tag) => ({ type: 'tag', params: [tag] })),
      orderByTime: 'DESC',
      limit: mostMarks,
    },
    range,
    options,
  );
  return frames.flatMap(({ tags: own, times }) => {
    const text = tags.flatMap((tag) => own[tag] || []).join(' · ');
    return times.map((at) => ({ name, color: iconColor, at, text }));
  });
}

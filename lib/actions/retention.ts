/** How many of a series are kept: the latest, and the latest of each of so many days, weeks and months that have any. */
export interface Retention {
  readonly keepLast: number;
  readonly keepDaily: number;
  readonly keepWeekly: number;
  readonly keepMonthly: number;
}

interface Dated {
  /** Milliseconds since the epoch. */
  readonly createdAt: number;
}

/**
 * Which of a series are kept (grandfather, father, son); the rest may go. Days, weeks (ISO 8601, from Monday) and months
 * are those of the process's time zone.
 */
export function kept<T extends Dated>(series: readonly T[], retention: Retention): ReadonlySet<T> {
  const latestFirst = [...series].sort((a, b) => b.createdAt - a.createdAt);
  return new Set([
    ...latestFirst.slice(0, retention.keepLast),
    ...latestOfEach(latestFirst, dayOf, retention.keepDaily),
    ...latestOfEach(latestFirst, weekOf, retention.keepWeekly),
    ...latestOfEach(latestFirst, monthOf, retention.keepMonthly),
  ]);
}

function latestOfEach<T extends Dated>(latestFirst: readonly T[], periodOf: (at: Date) => string, count: number): T[] {
  const periods = Map.groupBy(latestFirst, ({ createdAt }) => periodOf(new Date(createdAt)));
  return [...periods.values()].slice(0, count).flatMap(([latest]) => (latest ? [latest] : []));
}

function dayOf(at: Date): string {
  return `${monthOf(at)}-${at.getDate()}`;
}

/** The Monday that it begins with. */
function weekOf(at: Date): string {
  return dayOf(new Date(at.getFullYear(), at.getMonth(), at.getDate() - ((at.getDay() + 6) % 7)));
}

function monthOf(at: Date): string {
  return `${at.getFullYear()}-${at.getMonth() + 1}`;
}

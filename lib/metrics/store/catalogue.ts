import type { SeesTags } from './metric-store.ts';
import type { Condition, QueryPlan } from './plan.ts';

export type Tags = Readonly<Record<string, string>>;

export interface Series {
  readonly id: number;
  readonly tags: Tags;
}

/** Which of these texts a regular expression finds something in, by the store's own engine. */
export type Matcher = (pattern: string, texts: readonly string[]) => Promise<ReadonlySet<string>>;

export interface SeriesGroup {
  readonly tags: Tags;
  readonly series: readonly number[];
}

/** Sorted, so that the same tags are the same series; tags without a value are none. */
export function seriesKey(tags: Tags): string {
  const set = Object.entries(tags).filter(([, value]) => value !== '');
  return JSON.stringify(set.sort(([one], [other]) => (one < other ? -1 : one > other ? 1 : 0)));
}

/** The series that a plan asks for, by the values of what it groups by; in order of those. */
export async function groupSeries(
  plan: QueryPlan,
  all: Iterable<Series>,
  matcher: Matcher,
  sees: SeesTags | undefined,
): Promise<SeriesGroup[]> {
  const matches = await matching(plan.conditions, all, matcher);
  const groups = new Map<string, { tags: Tags; series: number[] }>();
  for (const series of all) {
    if (!matches(series.tags) || (sees && !sees(series.tags))) continue;
    const tags = Object.fromEntries(plan.groupTags.map((tag) => [tag, tagOf(series.tags, tag)]));
    const key = JSON.stringify(Object.values(tags));
    const group = groups.get(key);
    if (group) group.series.push(series.id);
    else groups.set(key, { tags, series: [series.id] });
  }
  return [...groups.values()].sort((one, other) => compareTags(plan.groupTags, one.tags, other.tags));
}

/** In order of the tags' names, as InfluxDB has its series. */
export function compareTags(names: readonly string[], one: Tags, other: Tags): number {
  for (const name of [...names].sort()) {
    const [a, b] = [tagOf(one, name), tagOf(other, name)];
    if (a !== b) return a < b ? -1 : 1;
  }
  return 0;
}

async function matching(
  conditions: readonly Condition[],
  all: Iterable<Series>,
  matcher: Matcher,
): Promise<(tags: Tags) => boolean> {
  const tests: { readonly join: 'AND' | 'OR'; readonly test: (tags: Tags) => boolean }[] = [];
  for (const condition of conditions) tests.push({ join: condition.join, test: await testOf(condition, all, matcher) });
  return (tags) => {
    let any = false;
    let every = true;
    for (const { join, test } of tests) {
      if (join === 'OR') {
        any ||= every;
        every = true;
      }
      every &&= test(tags);
    }
    return any || every;
  };
}

async function testOf(
  { key, operator, value }: Condition,
  all: Iterable<Series>,
  matcher: Matcher,
): Promise<(tags: Tags) => boolean> {
  if (operator === '=') return (tags) => tagOf(tags, key) === value;
  if (operator === '!=') return (tags) => tagOf(tags, key) !== value;
  const texts = new Set<string>();
  for (const { tags } of all) texts.add(tagOf(tags, key));
  const found = await matcher(value, [...texts]);
  return operator === '=~' ? (tags) => found.has(tagOf(tags, key)) : (tags) => !found.has(tagOf(tags, key));
}

function tagOf(tags: Tags, key: string): string {
  return Object.hasOwn(tags, key) ? (tags[key] ?? '') : '';
}

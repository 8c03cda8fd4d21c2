import type { Snapshot } from '../model/objects.ts';

/** What the description of a snapshot says of who made it: hypervisors keep no other word of ours with one. */
export interface SnapshotMark {
  readonly series: string;
  readonly operation: string;
}

const written = /\[virtflow ([\w.-]{1,40}) ([\w.-]{1,100})\]$/;

/** A description that ends with the mark. */
export function marked(description: string, { series, operation }: SnapshotMark): string {
  return `${description} [virtflow ${series} ${operation}]`.trimStart();
}

/** Undefined for a snapshot that virtflow did not make. */
export function markOf({ description }: Pick<Snapshot, 'description'>): SnapshotMark | undefined {
  const [, series, operation] = written.exec(description.trim()) ?? [];
  return series === undefined || operation === undefined ? undefined : { series, operation };
}

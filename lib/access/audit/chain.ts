import { createHash } from 'node:crypto';

/** One entry of the audit record as it is kept: its text, and the hash that ties it to the one before. */
export interface AuditRow {
  readonly sequence: number;
  /** Canonical JSON of an `AuditEntry`. */
  readonly entry: string;
  /** SHA-256 over the hash before, a line feed and the entry; hexadecimal. */
  readonly hash: string;
}

/** How far the record goes: its last sequence number, which is their count as well, and the last hash. */
export interface AuditHead {
  readonly sequence: number;
  readonly hash: string;
}

export interface AuditEntry {
  readonly sequence: number;
  /** Milliseconds since the epoch. */
  readonly at: number;
  /** What happened: `operation.queued`, `login.succeeded`, `grants.changed` … */
  readonly what: string;
  readonly who: string;
  readonly about: Readonly<Record<string, unknown>>;
}

export interface AuditVerdict {
  /** How many entries hold, from the first on. */
  readonly intact: AuditHead;
  /** The first link that does not hold. */
  readonly broken?: { readonly sequence: number; readonly reason: string };
}

export const noEntries: AuditHead = { sequence: 0, hash: '0'.repeat(64) };

/** The row that comes after `head`. */
export function nextRow(head: AuditHead, event: Omit<AuditEntry, 'sequence'>): AuditRow {
  const sequence = head.sequence + 1;
  const entry = canonical({ ...event, sequence });
  return { sequence, entry, hash: linkHash(head.hash, entry) };
}

/**
 * Goes through the record from its first entry and stops at the first that was changed, left out, put in or moved.
 * `anchors` are heads that were noted before, wherever they were kept: a record that is shorter, or that had another
 * hash there, was cut off or written anew.
 */
export function verifyAudit(rows: Iterable<AuditRow>, anchors: readonly AuditHead[]): AuditVerdict {
  let intact = noEntries;
  for (const row of rows) {
    const reason = flawOf(intact, row) ?? anchorFlaw(row, anchors);
    if (reason !== undefined) return { intact, broken: { sequence: intact.sequence + 1, reason } };
    intact = { sequence: row.sequence, hash: row.hash };
  }
  const missing = anchors.find(({ sequence }) => sequence > intact.sequence);
  if (!missing) return { intact };
  const reason = `the record ends before it, and had ${missing.sequence} entries`;
  return { intact, broken: { sequence: intact.sequence + 1, reason } };
}

function flawOf(before: AuditHead, row: AuditRow): string | undefined {
  if (row.sequence !== before.sequence + 1) return `entry ${row.sequence} stands in its place`;
  if (row.hash !== linkHash(before.hash, row.entry)) return 'its content or its hash was changed';
  return sequenceOf(row.entry) === row.sequence ? undefined : 'its content has another number';
}

function anchorFlaw({ sequence, hash }: AuditRow, anchors: readonly AuditHead[]): string | undefined {
  const differs = anchors.some((anchor) => anchor.sequence === sequence && anchor.hash !== hash);
  return differs ? 'its hash was another when it was noted: the record was written anew' : undefined;
}

function linkHash(before: string, entry: string): string {
  return createHash('sha256').update(`${before}\n${entry}`).digest('hex');
}

function sequenceOf(entry: string): unknown {
  try {
    const parsed: unknown = JSON.parse(entry);
    return typeof parsed === 'object' && parsed !== null && 'sequence' in parsed ? parsed.sequence : undefined;
  } catch {
    return undefined;
  }
}

/** JSON with the keys of every object in order (in the spirit of RFC 8785), so that one content has one text. */
export function canonical(value: unknown): string {
  return JSON.stringify(value, (_key, part: unknown) => (isPlain(part) ? sorted(part) : part));
}

function sorted(object: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(object).sort(([a], [b]) => (a < b ? -1 : 1)));
}

function isPlain(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

import { isDeepStrictEqual } from 'node:util';
import { VirtflowError } from '../../lib/model/errors.ts';

/** An entry of a flow file: a tab, a subflow, a group, a node. */
export interface FlowEntry {
  readonly id?: unknown;
  readonly type?: unknown;
  readonly z?: unknown;
  readonly g?: unknown;
  readonly label?: unknown;
  readonly name?: unknown;
  readonly env?: unknown;
  readonly [property: string]: unknown;
}

/** Something whose nodes act as a service. */
export interface RunAs {
  readonly flow: string;
  readonly identity: string;
}

const setting = 'VIRTFLOW_RUN_AS';
/** Where something stands on the canvas changes nothing of what it does. */
const looks: ReadonlySet<string> = new Set(['x', 'y', 'w', 'h', 'info', 'style', 'rev']);

/** Reads what a request calls flows. */
export function entriesOf(value: unknown): readonly FlowEntry[] {
  if (!Array.isArray(value)) return [];
  return value.flatMap((entry: unknown) => (typeof entry === 'object' && entry !== null ? [{ ...entry }] : []));
}

/**
 * What a deploy makes act as a service and is new or other than before: whoever deploys answers for that. What is as it
 * was is left to whoever deployed it.
 * @throws IDENTITY_INVALID where it is not said as a plain text, for then nobody can tell which service it is
 */
export function newlyRunAs(before: readonly FlowEntry[], after: readonly FlowEntry[]): readonly RunAs[] {
  return after.flatMap((entry) => {
    const identity = identityOf(entry);
    if (identity === undefined) return [];
    const former = before.find(({ id }) => id === entry.id);
    const isSame = former !== undefined && isDeepStrictEqual(partsOf(former, before), partsOf(entry, after));
    return isSame ? [] : [{ flow: nameOf(entry), identity }];
  });
}

function identityOf(entry: FlowEntry): string | undefined {
  const settings: readonly unknown[] = Array.isArray(entry.env) ? entry.env : [];
  // The last one of a name counts, as for Node-RED.
  const found = settings.findLast((one) => typeof one === 'object' && one !== null && nameIn(one) === setting);
  if (typeof found !== 'object' || found === null) return undefined;
  const type = 'type' in found ? found.type : 'str';
  const value = 'value' in found ? found.value : '';
  if (type !== 'str' || typeof value !== 'string') throw invalid(entry, 'it is not given as a text');
  return value === '' ? undefined : value;
}

function nameIn(value: object): unknown {
  return 'name' in value ? value.name : undefined;
}

/** All that acts with it: what stands in it, and the subflows that are used there, without its looks. */
function partsOf(entry: FlowEntry, all: readonly FlowEntry[]): readonly object[] {
  const parts = new Map<unknown, FlowEntry>();
  const add = (one: FlowEntry) => {
    if (parts.has(one.id)) return;
    parts.set(one.id, one);
    for (const part of all) if (one.type === 'global-config' || isIn(part, one)) add(part);
  };
  add(entry);
  return [...parts.values()].map(withoutLooks).sort((a, b) => String(a.id).localeCompare(String(b.id)));
}

function isIn({ id, z, g }: FlowEntry, { id: holder, type }: FlowEntry): boolean {
  return z === holder || g === holder || type === `subflow:${String(id)}`;
}

function withoutLooks(entry: FlowEntry): FlowEntry {
  return Object.fromEntries(Object.entries(entry).filter(([name]) => !looks.has(name)));
}

function nameOf({ label, name, id }: FlowEntry): string {
  return [label, name, id].find((one) => typeof one === 'string' && one !== '')?.toString() ?? 'a flow';
}

function invalid(entry: FlowEntry, reason: string): VirtflowError {
  return new VirtflowError('IDENTITY_INVALID', { flow: nameOf(entry), reason });
}

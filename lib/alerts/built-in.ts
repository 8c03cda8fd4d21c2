import type { ConnectionFact } from '../connections/connections.ts';
import type { EventType, HypervisorEvent } from '../model/event.ts';
import { formatRef } from '../model/reference.ts';
import type { Severity } from '../rules/levels.ts';
import type { AlertTransition } from './alert.ts';
import { connectionNode } from './topology.ts';

/** An alarm of the hypervisor's own, taken in as a rule would tell it. */
interface BuiltIn {
  readonly id: string;
  readonly name: string;
  readonly severity: Severity;
  readonly begins: Readonly<Partial<Record<EventType, string>>>;
  /** Events that begin it for some of their reasons alone. */
  readonly beginsFor?: Readonly<Partial<Record<EventType, Readonly<Record<string, string>>>>>;
  readonly ends: Readonly<Partial<Record<EventType, string>>>;
  /** Where nothing tells that it is over. */
  readonly lastsMs?: number;
  /** The VM or host is not there at all. */
  readonly isOutage: boolean;
}

const quarterMs = 15 * 60_000;
const running = { 'vm.started': 'the VM was started', 'vm.resumed': 'the VM goes on' };

export const builtInRules: readonly BuiltIn[] = [
  {
    id: 'virtflow:host-down',
    name: 'Host down',
    severity: 'critical',
    begins: { 'host.disconnected': 'the host does not answer' },
    ends: { 'host.connected': 'the host answers again' },
    isOutage: true,
  },
  {
    id: 'virtflow:vm-crashed',
    name: 'VM crashed',
    severity: 'critical',
    begins: { 'vm.crashed': 'the VM crashed' },
    // `on_crash` destroy, which is what most VMs have, and a QEMU that died, are told as a stop.
    beginsFor: { 'vm.stopped': { crashed: 'the VM crashed', failed: 'the hypervisor lost the VM' } },
    ends: { ...running, 'vm.rebooted': 'the VM was rebooted', 'vm.undefined': 'the VM was deleted' },
    isOutage: true,
  },
  {
    id: 'virtflow:io-error',
    name: 'Disk I/O error',
    severity: 'critical',
    begins: { 'vm.io-error': 'the hypervisor could not read or write a disk of the VM' },
    ends: { ...running, 'vm.stopped': 'the VM was stopped', 'vm.undefined': 'the VM was deleted' },
    lastsMs: quarterMs,
    isOutage: false,
  },
  {
    id: 'virtflow:watchdog',
    name: 'Watchdog',
    severity: 'warning',
    begins: { 'vm.watchdog': 'the watchdog of the VM ran out: its guest hangs' },
    ends: { 'vm.undefined': 'the VM was deleted' },
    lastsMs: quarterMs,
    isOutage: false,
  },
  {
    id: 'virtflow:storage-stopped',
    name: 'Storage stopped',
    severity: 'critical',
    begins: { 'storage-pool.stopped': 'the storage pool is not active any more' },
    ends: { 'storage-pool.started': 'the storage pool is active again', 'storage-pool.undefined': 'it was deleted' },
    isOutage: true,
  },
  {
    id: 'virtflow:network-stopped',
    name: 'Network stopped',
    severity: 'critical',
    begins: { 'network.stopped': 'the network is not active any more' },
    ends: { 'network.started': 'the network is active again', 'network.undefined': 'it was deleted' },
    isOutage: true,
  },
];

export const connectionRule = { id: 'virtflow:connection-down', name: 'Connection down' };

/** What an event means under the built-in rules. */
export function transitionsOf(event: HypervisorEvent): readonly AlertTransition[] {
  return builtInRules.flatMap((rule) => {
    const began = rule.begins[event.type] ?? rule.beginsFor?.[event.type]?.[event.reason ?? ''];
    const over = rule.ends[event.type];
    if (began !== undefined) return transition(rule, event, 'firing', began);
    return over === undefined ? [] : transition(rule, event, 'ok', over);
  });
}

/** A connection that broke is an outage of everything on it. */
export function connectionTransition({ connection, state }: ConnectionFact, at: number): AlertTransition | undefined {
  const about = { key: connectionNode(connection), name: connection, object: null, tags: { connection } };
  const { id: rule, name: ruleName } = connectionRule;
  const common = { ...about, rule, ruleName, sequence: next(at), at, value: null, isOutage: true };
  const whyIt = (says: string) => why(rule, says, at, { connection, phase: state.phase });
  switch (state.phase) {
    case 'waiting':
      return {
        ...common,
        type: 'firing',
        status: 'firing',
        severity: 'critical',
        why: whyIt(`the connection broke: ${state.error.message}`),
      };
    case 'connected':
      return { ...common, type: 'resolved', status: 'ok', severity: null, why: whyIt('the connection is up.') };
    case 'stopped':
      return { ...common, type: 'gone', status: 'gone', severity: null, why: whyIt('the connection was taken away.') };
    default:
      return undefined;
  }
}

function transition(
  rule: BuiltIn,
  event: HypervisorEvent,
  status: 'firing' | 'ok',
  text: string,
): readonly AlertTransition[] {
  const { at, object, name, reason, details } = event;
  const says = `${text}${reason === null ? '' : ` (${reason})`}.`;
  return [
    {
      rule: rule.id,
      ruleName: rule.name,
      key: formatRef(object),
      name,
      object,
      tags: { connection: object.connection, id: object.id, name },
      sequence: next(at),
      type: status === 'firing' ? 'firing' : 'resolved',
      at,
      status,
      severity: status === 'firing' ? rule.severity : null,
      value: null,
      why: why(rule.id, says, at, { event: event.type, reason, details }),
      isOutage: rule.isOutage,
      ...(rule.lastsMs === undefined || status === 'ok' ? {} : { endsAt: at + rule.lastsMs }),
    },
  ];
}

function why(rule: string, says: string, at: number, about: Readonly<Record<string, unknown>>): AlertTransition['why'] {
  const none = { value: null, threshold: null, clear: null, samples: [] };
  return { rule, kind: 'built-in', says, ...none, conditionSince: at, lastSampleAt: at, ...about };
}

let latest = 0;

/** Events have no numbers of their own; two in a millisecond must not be taken for one. */
function next(at: number): number {
  latest = Math.max(latest + 1, at);
  return latest;
}

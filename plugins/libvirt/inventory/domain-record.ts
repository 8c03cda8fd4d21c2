import type { Host, PowerState, Vm } from '../../../lib/model/objects.ts';
import type { DomainDefinition } from '../domain-xml/domain-definition.ts';
import type { DomainEffect, DomainNews } from '../events/domain-news.ts';

/** What is known of a domain. */
export interface DomainRecord {
  readonly definition: DomainDefinition;
  readonly power: PowerState;
  readonly persistent: boolean;
  readonly autostart: boolean;
}

/** virDomainState, by number. PMSUSPENDED (7) is the guest's own sleep: QEMU keeps its memory. */
const powers: readonly PowerState[] = [
  'unknown',
  'running',
  'running',
  'paused',
  'running',
  'halted',
  'crashed',
  'paused',
];

/** The power state of a domain: one that is off with a managed save image is suspended. */
export function powerOf(state: number, managedSave: boolean): PowerState {
  const power = powers[state] ?? 'unknown';
  return power === 'halted' && managedSave ? 'suspended' : power;
}

/** The domain as the model has it. */
export function vmOf({ definition, ...record }: DomainRecord, host: Host): Vm {
  const { uuid, name, description, tags, vcpus, memoryBytes, disks, nics } = definition;
  return {
    connection: host.connection,
    kind: 'vm',
    id: uuid,
    name,
    description,
    tags,
    power: record.power,
    host: host.id,
    hostName: host.name,
    vcpus,
    memoryBytes,
    persistent: record.persistent,
    autostart: record.autostart,
    template: false,
    agent: agentOf(definition.agent, record.power),
    disks: disks.map(({ backing: _, ...disk }) => disk),
    nics: nics.map(({ hostDevice: _, ...nic }) => nic),
  };
}

function agentOf(agent: Vm['agent'], power: PowerState): Vm['agent'] {
  const on = power === 'running' || power === 'paused' || power === 'unknown';
  return agent === 'absent' || on ? agent : 'disconnected';
}

/**
 * The record after an event, as far as the event itself proves it; `gone` when the domain went with it. Undefined when
 * only the daemon can tell.
 */
export function afterEvent(record: DomainRecord, effect: DomainEffect): DomainRecord | 'gone' | undefined {
  const { definition } = record;
  if (effect.kind === 'reread') return undefined;
  if (effect.kind === 'power') {
    if (effect.power === 'halted' && !record.persistent) return 'gone';
    return { ...record, power: effect.power };
  }
  if (effect.kind === 'undefined') return isActive(record.power) ? { ...record, persistent: false } : 'gone';
  if (effect.kind === 'agent') return { ...record, definition: { ...definition, agent: effect.agent } };
  if (effect.kind === 'memory') {
    const memoryBytes = { ...definition.memoryBytes, current: effect.currentBytes };
    return { ...record, definition: { ...definition, memoryBytes } };
  }
  return record;
}

/** Whether the host carries it now. A crashed domain that is kept for a look still has its QEMU. */
export function isActive(power: PowerState): boolean {
  return power === 'running' || power === 'paused' || power === 'crashed';
}

/**
 * A domain that starts is told as resumed, and its agent as disconnected, before it is told as started: neither means
 * what it says.
 */
export function isPreludeOfStart({ power, definition }: DomainRecord, { type }: DomainNews): boolean {
  if (type === 'vm.agent-disconnected') return definition.agent !== 'connected';
  return type === 'vm.resumed' && (power === 'halted' || power === 'suspended');
}

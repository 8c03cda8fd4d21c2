import type { PowerState, Vm } from '../../../lib/model/objects.ts';
import type { News } from '../inventory/mirror.ts';
import type { DomainHandle, EventKind, EventOf } from '../rpc/index.ts';
import { jobOperations } from '../tasks/domain-job.ts';
import { lifecycleMeaning } from './lifecycle.ts';

/** What virtflow makes of an event of a domain: what it proves of the domain, and what is told of it. */
export interface DomainNews extends News {
  readonly effect: DomainEffect;
}

/**
 * `proves`: known from the event alone, so it can be told at once. `reread`: the daemon must be asked before the event
 * is told. `refresh`: the event can be told at once, but something else may have changed with it.
 */
export type DomainEffect =
  | { readonly kind: 'none' }
  | { readonly kind: 'reread' }
  | { readonly kind: 'refresh' }
  | { readonly kind: 'power'; readonly power: PowerState }
  | { readonly kind: 'undefined' }
  | { readonly kind: 'agent'; readonly agent: Vm['agent'] }
  | { readonly kind: 'memory'; readonly currentBytes: number };

type Told = Omit<DomainNews, 'id' | 'name'>;
type Reader<K extends EventKind> = (event: EventOf<K>) => Told | undefined;

const none: DomainEffect = { kind: 'none' };
const reread: DomainEffect = { kind: 'reread' };
const refresh: DomainEffect = { kind: 'refresh' };

const ioActions = ['none', 'pause', 'report'];
const watchdogActions = ['none', 'pause', 'reset', 'poweroff', 'shutdown', 'debug', 'inject-nmi'];
const blockJobTypes = ['unknown', 'pull', 'copy', 'commit', 'active-commit', 'backup'];
const blockJobStates = ['completed', 'failed', 'canceled', 'ready'];
const metadataTypes = ['description', 'title', 'element'];
const agentStates: Readonly<Record<number, Vm['agent']>> = { 1: 'connected', 2: 'disconnected' };

/** What each kind of domain event means; other kinds are not listened to. Names of enumerations: libvirt-domain.h. */
const readers = {
  'domain.lifecycle': ({ event, detail }) => {
    const meaning = lifecycleMeaning(event, detail);
    return (
      meaning && { type: meaning.type, reason: meaning.reason, details: {}, effect: lifecycleEffect(meaning.outcome) }
    );
  },
  'domain.reboot': () => ({ type: 'vm.rebooted', reason: null, details: {}, effect: none }),
  'domain.watchdog': ({ action }) => ({
    type: 'vm.watchdog',
    reason: word(watchdogActions, action),
    details: {},
    effect: none,
  }),
  'domain.ioErrorReason': ({ srcPath, devAlias, action, reason }) => ({
    type: 'vm.io-error',
    reason: reason === '' ? null : reason,
    details: { source: srcPath, device: devAlias, action: word(ioActions, action) },
    effect: none,
  }),
  'domain.diskChange': ({ oldSrcPath, newSrcPath, devAlias, reason }) => ({
    type: 'vm.disk-changed',
    reason: word(['missing-on-start', 'dropped-on-start'], reason),
    details: { device: devAlias, before: oldSrcPath, after: newSrcPath },
    effect: reread,
  }),
  'domain.trayChange': ({ devAlias, reason }) => ({
    type: 'vm.disk-changed',
    reason: word(['tray-opened', 'tray-closed'], reason),
    details: { device: devAlias },
    effect: reread,
  }),
  'domain.balloonChange': ({ actual }) => ({
    type: 'vm.memory-changed',
    reason: 'balloon',
    details: { memoryBytes: actual * 1024 },
    effect: { kind: 'memory', currentBytes: actual * 1024 },
  }),
  'domain.memoryDeviceSizeChange': ({ alias, size }) => ({
    type: 'vm.memory-changed',
    reason: 'device',
    details: { device: alias, sizeBytes: size * 1024 },
    effect: reread,
  }),
  'domain.deviceAdded': ({ devAlias }) => ({
    type: 'vm.device-added',
    reason: null,
    details: { device: devAlias },
    effect: reread,
  }),
  'domain.deviceRemoved': ({ devAlias }) => ({
    type: 'vm.device-removed',
    reason: null,
    details: { device: devAlias },
    effect: reread,
  }),
  'domain.deviceRemovalFailed': ({ devAlias }) => ({
    type: 'vm.device-removal-failed',
    reason: null,
    details: { device: devAlias },
    effect: none,
  }),
  'domain.blockJob2': ({ dst, type, status }) => ({
    type: 'vm.block-job',
    reason: word(blockJobStates, status),
    details: { disk: dst, job: word(blockJobTypes, type) },
    effect: refresh,
  }),
  'domain.jobCompleted': ({ params }) => ({
    type: 'vm.job-completed',
    reason: word(jobOperations, Number(params.find(({ field }) => field === 'operation')?.value ?? 0)),
    details: Object.fromEntries(params.map(({ field, value }) => [field, value])),
    effect: none,
  }),
  'domain.agentLifecycle': ({ state }) => {
    const agent = agentStates[state] ?? 'unknown';
    const type = agent === 'connected' ? 'vm.agent-connected' : 'vm.agent-disconnected';
    return { type, reason: null, details: {}, effect: { kind: 'agent', agent } };
  },
  'domain.metadataChange': ({ type, nsuri }) => ({
    type: 'vm.changed',
    reason: 'metadata',
    details: { part: word(metadataTypes, type), namespace: nsuri },
    effect: reread,
  }),
  'domain.tunable': ({ params }) => ({
    type: 'vm.changed',
    reason: 'tuned',
    details: Object.fromEntries(params.map(({ field, value }) => [field, value])),
    effect: refresh,
  }),
  'domain.nicMacChange': ({ alias, oldMAC, newMAC }) => ({
    type: 'vm.changed',
    reason: 'nic-mac',
    details: { device: alias, before: oldMAC, after: newMAC },
    effect: reread,
  }),
  'domain.memoryFailure': ({ recipient, action, flags }) => ({
    type: 'vm.changed',
    reason: 'memory-failure',
    details: {
      recipient: word(['hypervisor', 'guest'], recipient),
      action: word(['ignored', 'injected', 'fatal', 'reset'], action),
      recursive: (flags & 2) !== 0,
    },
    effect: none,
  }),
} satisfies { [K in EventKind]?: Reader<K> };

/** The kinds of domain events that are worth listening to. */
export const domainEventKinds = Object.keys(readers) as (keyof typeof readers)[];

/** What an event of a domain means; undefined when it says nothing of its own. */
export function domainNews<K extends keyof typeof readers>(
  kind: K,
  event: EventOf<K> & { readonly dom: DomainHandle },
): DomainNews | undefined {
  const read = readers[kind] as Reader<K>;
  const told = read(event);
  return told && { id: event.dom.uuid, name: event.dom.name, ...told };
}

function lifecycleEffect(outcome: PowerState | 'same' | 'undefined' | 'reread'): DomainEffect {
  if (outcome === 'same') return none;
  if (outcome === 'reread' || outcome === 'undefined') return { kind: outcome };
  return { kind: 'power', power: outcome };
}

function word(words: readonly string[], number: number): string {
  return words[number] ?? `number-${number}`;
}

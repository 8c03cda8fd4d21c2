import type { EventType } from '../../../lib/model/event.ts';
import type { PowerState } from '../../../lib/model/objects.ts';

/**
 * What a lifecycle event means. `outcome` is the state that it proves; `reread` says that the event alone does not tell
 * what became of the domain.
 */
export interface LifecycleMeaning {
  readonly type: EventType;
  readonly reason: string;
  readonly outcome: PowerState | 'same' | 'undefined' | 'reread';
}

interface Row {
  readonly type: EventType;
  readonly outcome: LifecycleMeaning['outcome'];
  /** Reasons by libvirt's detail number. */
  readonly reasons: readonly string[];
}

/** virDomainEventType and its detail enumerations (include/libvirt/libvirt-domain.h), by number. */
const rows: readonly Row[] = [
  { type: 'vm.defined', outcome: 'reread', reasons: ['added', 'updated', 'renamed', 'from-snapshot'] },
  { type: 'vm.undefined', outcome: 'undefined', reasons: ['removed', 'renamed'] },
  { type: 'vm.started', outcome: 'running', reasons: ['booted', 'migrated', 'restored', 'from-snapshot', 'wakeup'] },
  {
    type: 'vm.paused',
    outcome: 'paused',
    reasons: [
      'paused',
      'migrated',
      'io-error',
      'watchdog',
      'restored',
      'from-snapshot',
      'api-error',
      'post-copy',
      'post-copy-failed',
    ],
  },
  {
    type: 'vm.resumed',
    outcome: 'running',
    reasons: ['resumed', 'migrated', 'from-snapshot', 'post-copy', 'post-copy-failed'],
  },
  {
    type: 'vm.stopped',
    outcome: 'halted',
    reasons: ['shutdown', 'destroyed', 'crashed', 'migrated', 'saved', 'failed', 'from-snapshot'],
  },
  { type: 'vm.shutting-down', outcome: 'same', reasons: ['finished', 'guest', 'host'] },
  // Suspended by the guest's own power management: QEMU keeps its memory.
  { type: 'vm.paused', outcome: 'paused', reasons: ['guest-suspended', 'guest-hibernated'] },
  { type: 'vm.crashed', outcome: 'reread', reasons: ['panicked', 'crash-loaded'] },
];

/** What differs from its row, by `event.detail`. Undefined: the other half of the pair tells it. */
const exceptions: Readonly<Record<string, Partial<LifecycleMeaning> | undefined>> = {
  '0.1': { type: 'vm.changed', reason: 'redefined' },
  '0.2': { type: 'vm.changed' },
  '0.3': { type: 'vm.changed' },
  '1.1': undefined,
  '2.4': { type: 'vm.resumed' },
  '5.3': { type: 'vm.migrated' },
  // Managed save keeps the image, a save to a file does not: only the daemon knows which it was.
  '5.4': { type: 'vm.suspended', outcome: 'reread' },
};

/** What an event of a domain's lifecycle means; undefined for one that says nothing of its own, or is not known. */
export function lifecycleMeaning(event: number, detail: number): LifecycleMeaning | undefined {
  const row = rows[event];
  if (!row) return undefined;
  const meaning = { type: row.type, reason: row.reasons[detail] ?? `detail-${detail}`, outcome: row.outcome };
  const key = `${event}.${detail}`;
  if (!(key in exceptions)) return meaning;
  const exception = exceptions[key];
  return exception && { ...meaning, ...exception };
}

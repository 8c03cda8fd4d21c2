import type { EventType } from '../../../lib/model/event.ts';
import type { News } from '../inventory/mirror.ts';
import type { EventOf } from '../rpc/index.ts';

type Meaning = readonly [type: EventType, reason: string];

/** virNetworkEventLifecycleType */
const networkMeanings: readonly Meaning[] = [
  ['network.defined', 'defined'],
  ['network.undefined', 'undefined'],
  ['network.started', 'started'],
  ['network.stopped', 'stopped'],
];

/** virStoragePoolEventLifecycleType; the last two are the making and the wiping of what backs the pool. */
const poolMeanings: readonly Meaning[] = [
  ['storage-pool.defined', 'defined'],
  ['storage-pool.undefined', 'undefined'],
  ['storage-pool.started', 'started'],
  ['storage-pool.stopped', 'stopped'],
  ['storage-pool.refreshed', 'built'],
  ['storage-pool.refreshed', 'erased'],
];

export function networkNews({ net, event }: EventOf<'network.lifecycle'>): News | undefined {
  return newsOf(net, networkMeanings[event]);
}

export function poolNews({ pool, event }: EventOf<'pool.lifecycle'>): News | undefined {
  return newsOf(pool, poolMeanings[event]);
}

export function poolRefreshNews({ pool }: EventOf<'pool.refresh'>): News | undefined {
  return newsOf(pool, ['storage-pool.refreshed', 'refreshed']);
}

function newsOf(object: { uuid: string; name: string }, meaning: Meaning | undefined): News | undefined {
  return meaning && { id: object.uuid, name: object.name, type: meaning[0], reason: meaning[1], details: {} };
}

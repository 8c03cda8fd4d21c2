import { eventTypes, type HypervisorEvent } from '../../lib/model/event.ts';
import { isObjectKind } from '../../lib/model/reference.ts';
import type { Field } from '../forms/field.ts';
import { samplesOf } from '../metrics/samples.ts';
import type { NodeContext } from '../runtime/node-context.ts';
import type { Message } from '../runtime/red.ts';

/** Judges what a message brings, where the node is to; what virtflow collects comes by itself. */
export function observed<F extends readonly Field[]>(node: NodeContext<F>) {
  const isFed = 'source' in node.config && node.config.source !== 'collected';
  return {
    fedBy: isFed ? ('flow' as const) : ('house' as const),
    take: isFed ? (message: Message) => judge(node, message) : () => {},
  };
}

/** Samples or events. @throws MESSAGE_INVALID */
export function judge({ id, platform: { rules } }: Pick<NodeContext, 'id' | 'platform'>, { payload }: Message): void {
  const all: readonly unknown[] = Array.isArray(payload) ? payload : [payload];
  if (all.length > 0 && all.every(isEvent)) for (const event of all) rules.event(id, event);
  else rules.observe(id, samplesOf(payload));
}

/** What a vm events node sends. */
function isEvent(value: unknown): value is HypervisorEvent {
  if (typeof value !== 'object' || value === null) return false;
  if (!('type' in value && 'at' in value && 'object' in value && 'name' in value && 'reason' in value)) return false;
  const { type, at, object, name, reason } = value;
  if (!eventTypes.some((one) => one === type) || !Number.isFinite(at) || typeof name !== 'string') return false;
  return (reason === null || typeof reason === 'string') && isRef(object);
}

function isRef(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false;
  if (!('connection' in value && 'kind' in value && 'id' in value)) return false;
  const { connection, kind, id } = value;
  return typeof connection === 'string' && typeof id === 'string' && typeof kind === 'string' && isObjectKind(kind);
}

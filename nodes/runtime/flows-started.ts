import type { EventEmitter } from 'node:events';
import { currentPlatform, isPlatformRunning } from '../../lib/platform.ts';
import type { Deliveries } from '../../lib/runs/deliveries.ts';
import type { Delivery } from '../../lib/runs/delivery.ts';
import { connectionsUp } from '../../lib/runs/ready.ts';

/** A node that was opened, and goes on with what its like had in hand. */
export interface Successor {
  readonly id: string;
  /** Aborted when it closes. */
  readonly signal: AbortSignal;
  resume(delivery: Delivery): void;
}

const connectionsWithinMs = 60_000;
const watched = new WeakSet<EventEmitter>();
const opened = new Set<Successor>();

/** After the flows have started, a node is given the deliveries that it has to go on with. */
export function takeUpOnceStarted(events: EventEmitter, successor: Successor): void {
  opened.add(successor);
  successor.signal.addEventListener('abort', () => opened.delete(successor), { once: true });
  if (watched.has(events)) return;
  watched.add(events);
  events.on('flows:started', () => void takeUp());
}

async function takeUp(): Promise<void> {
  const waiting = [...opened];
  opened.clear();
  if (waiting.length === 0 || !isPlatformRunning()) return;
  const platform = currentPlatform();
  const { deliveries, connections, log } = platform;
  try {
    if (deliveries.left().length === 0) return;
    await connectionsUp(connections, connectionsWithinMs);
    if (isPlatformRunning() && currentPlatform() === platform) handOver(deliveries, waiting);
  } catch (error) {
    log.error(`[virtflow] What action nodes had in hand could not be taken up: ${String(error)}`);
  }
}

function handOver(deliveries: Deliveries, successors: readonly Successor[]): void {
  const open = new Map(successors.filter(({ signal }) => !signal.aborted).map((one) => [one.id, one]));
  for (const delivery of deliveries.left()) {
    const successor = open.get(delivery.node);
    if (!successor) continue;
    deliveries.takeUp(delivery);
    successor.resume(delivery);
  }
}

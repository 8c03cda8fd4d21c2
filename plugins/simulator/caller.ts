import { admit } from '../../lib/drivers/gate.ts';
import type { Job } from '../../lib/drivers/job.ts';
import type { Link } from './link.ts';
import type { WireSettings } from './settings.ts';
import { wait } from './wait.ts';
import type { World } from './world.ts';

/** `broken`: the connection that it was asked for over is gone. */
type Work<T> = (world: World, broken: AbortSignal) => T | Promise<T>;

/** Makes the calls of a connection: through the gate, over a wire that has a latency and may fail. */
export class Caller {
  readonly #wire: WireSettings;
  readonly #link: () => Link;

  /** `link` answers the one that is up. @throws CONNECTION_DOWN */
  constructor(wire: WireSettings, link: () => Link) {
    this.#wire = wire;
    this.#link = link;
  }

  async reads<T>(name: string, work: Work<T>, signal?: AbortSignal): Promise<T> {
    const link = this.#link();
    admit({ name, effect: 'reads' }, undefined);
    return this.#send(link, name, work, signal);
  }

  async changes<T>(name: string, job: Job, work: Work<T>): Promise<T> {
    const link = this.#link();
    admit({ name, effect: 'changes' }, job);
    const at = Date.now();
    const begun = performance.now();
    try {
      const answer = await this.#send(link, name, work, job.signal);
      job.called({ name, at, tookMs: performance.now() - begun });
      return answer;
    } catch (error) {
      const abandoned = job.signal.aborted && error === job.signal.reason;
      const outcome = abandoned ? { abandoned } : { error: String(error) };
      job.called({ name, at, tookMs: performance.now() - begun, ...outcome });
      throw error;
    }
  }

  async #send<T>(link: Link, name: string, work: Work<T>, signal: AbortSignal | undefined): Promise<T> {
    const { world, broken } = link;
    signal?.throwIfAborted();
    const latencyMs = this.#wire.latencyMs + world.faults.delayMs(name);
    if (latencyMs > 0) await wait(latencyMs, broken, signal);
    world.faults.beforeCall(name, this.#wire.errorRate);
    const answer = await unlessBroken(broken, work(world, broken));
    if (world.faults.losesReply(name)) world.faults.drop('connection reset', link.connection);
    broken.throwIfAborted();
    return answer;
  }
}

/** What the hypervisor was asked for goes on there when the connection breaks; only the answer is lost. */
async function unlessBroken<T>(broken: AbortSignal, answer: T | Promise<T>): Promise<T> {
  if (!(answer instanceof Promise)) return answer;
  const lost = Promise.withResolvers<never>();
  const lose = () => lost.reject(broken.reason);
  broken.addEventListener('abort', lose);
  try {
    return await Promise.race([answer, lost.promise]);
  } finally {
    broken.removeEventListener('abort', lose);
  }
}

import { VirtflowError } from '../../lib/model/errors.ts';
import { hash } from './random.ts';
import type { World } from './world.ts';

export interface Fault {
  /** Name of the call (`vm.start`, `sample` …) or `*` for all of them. */
  readonly call: string;
  /** 0 to 1; always, when it is not given. */
  readonly probability?: number;
  /** How often; without end, when it is not given. */
  readonly times?: number;
  /** What the hypervisor says. */
  readonly reason?: string;
  /**
   * `error`: it refuses, and does nothing. `reply-lost`: it does what it was asked for, and the connection breaks
   * before it answers. `slow`: it takes `ms` longer.
   */
  readonly kind: 'error' | 'reply-lost' | 'slow';
  readonly ms?: number;
}

interface Armed {
  readonly fault: Fault;
  left: number;
}

/** What goes wrong on the way to a world: for tests, and for rehearsals of flows. */
export class Faults {
  readonly #world: World;
  #armed: Armed[] = [];
  #refusal: string | undefined;
  #draws = 0;

  constructor(world: World) {
    this.#world = world;
  }

  /** Answers what takes the fault away again. */
  inject(fault: Fault): () => void {
    const armed = { fault, left: fault.times ?? Number.POSITIVE_INFINITY };
    this.#armed.push(armed);
    return () => {
      this.#armed = this.#armed.filter((other) => other !== armed);
    };
  }

  /** Nobody can connect any more; who is connected stays so. */
  refuse(reason = 'connection refused'): void {
    this.#refusal = reason;
  }

  accept(): void {
    this.#refusal = undefined;
  }

  /** Breaks all connections, or one; they come back by themselves unless they are refused. */
  drop(reason = 'connection reset', connection?: string): void {
    for (const link of this.#world.links) {
      if (connection !== undefined && link.connection !== connection) continue;
      link.break(new VirtflowError('CONNECTION_LOST', { connection: link.connection, reason }));
    }
  }

  /** All works again. */
  heal(): void {
    this.#armed = [];
    this.#refusal = undefined;
  }

  /** @throws CONNECTION_REFUSED */
  beforeConnecting(): void {
    if (this.#refusal === undefined) return;
    const address = `simulator:///${this.#world.name}`;
    throw new VirtflowError('CONNECTION_REFUSED', { address, reason: this.#refusal });
  }

  /** Real milliseconds that a call takes longer. */
  delayMs(call: string): number {
    return this.#strike('slow', call)?.ms ?? 0;
  }

  /** @throws HYPERVISOR_FAILED */
  beforeCall(call: string, errorRate: number): void {
    const fault = this.#strike('error', call);
    if (fault) throw this.#world.failed(fault.reason ?? 'injected error');
    if (errorRate > 0 && this.#draw() < errorRate) throw this.#world.failed('injected error (errorRate)');
  }

  /** Whether the reply of a call that was done gets lost. */
  losesReply(call: string): boolean {
    return this.#strike('reply-lost', call) !== undefined;
  }

  #strike(kind: Fault['kind'], call: string): Fault | undefined {
    for (const armed of this.#armed) {
      const { fault } = armed;
      const meant = fault.kind === kind && armed.left > 0 && (fault.call === '*' || fault.call === call);
      if (!meant || (fault.probability !== undefined && this.#draw() >= fault.probability)) continue;
      armed.left -= 1;
      return fault;
    }
    return undefined;
  }

  #draw(): number {
    this.#draws += 1;
    return hash(this.#world.shape.seed, 20, this.#draws) / 2 ** 32;
  }
}

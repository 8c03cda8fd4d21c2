import { setTimeout as delay } from 'node:timers/promises';
import { type Caller, unlessGone } from '../daemon.ts';
import type { DomainRecord } from '../inventory/domain-record.ts';
import { LibvirtCode, LibvirtError } from '../rpc/index.ts';
import { type FileSystem, fileSystemsOf } from './file-systems.ts';

/** What agents are asked through, and whose there are. */
export interface AgentSource {
  readonly daemon: Caller;
  readonly domains: { records(): Iterable<DomainRecord> };
}

export interface AgentPatience {
  /** An agent that takes longer is not waited for. libvirt itself gives up after 5 s on one that does not even greet. */
  readonly answerMs: number;
  /** After so long no other agent is asked in this round. */
  readonly roundMs: number;
  /** How long an agent that failed is left alone; twice as long with each failure. */
  readonly pauseMs: number;
  readonly longestPauseMs: number;
}

const patience: AgentPatience = { answerMs: 6_000, roundMs: 15_000, pauseMs: 60_000, longestPauseMs: 1_800_000 };

/** How many agents are asked at once: each takes one of the daemon's 20 workers until it has answered. */
const atOnce = 3;
/** libvirt waits for ever for an agent that greeted and then hangs, so there is an end to what is asked of them. */
const mostUnanswered = 8;

/** VIR_DOMAIN_GUEST_INFO_FILESYSTEM */
const filesystems = 1 << 4;

export interface GuestFileSystems {
  readonly record: DomainRecord;
  readonly fileSystems: readonly FileSystem[];
}

/**
 * The file systems of guests, as their agents tell. Agents that answered come first; one that fails, is silent or knows
 * nothing of file systems is left alone for a while, and is nobody's error.
 */
export class GuestAgents {
  readonly #source: AgentSource;
  readonly #patience: AgentPatience;
  readonly #failed = new Map<string, { readonly times: number; readonly until: number }>();
  readonly #askedAt = new Map<string, number>();
  readonly #unanswered = new Set<string>();
  #supported = true;

  constructor(source: AgentSource, given = patience) {
    this.#source = source;
    this.#patience = given;
  }

  /** @throws RpcError, the signal's reason */
  async read(signal: AbortSignal): Promise<GuestFileSystems[]> {
    const end = performance.now() + this.#patience.roundMs;
    const waiting = this.#due();
    const found: GuestFileSystems[] = [];
    const ask = async () => {
      while (this.#supported && this.#unanswered.size < mostUnanswered && performance.now() < end) {
        const record = waiting.shift();
        if (!record) return;
        const fileSystems = await this.#ask(record, signal);
        if (fileSystems) found.push({ record, fileSystems });
      }
    };
    await Promise.all(Array.from({ length: atOnce }, ask));
    return found;
  }

  /** Whose agent is there and not left alone: those that failed least, and of those who waits longest, first. */
  #due(): DomainRecord[] {
    const there = new Map<string, DomainRecord>();
    for (const record of this.#source.domains.records()) {
      const { agent, uuid } = record.definition;
      if (record.power === 'running' && agent === 'connected') there.set(uuid, record);
    }
    for (const known of [this.#failed, this.#askedAt]) {
      for (const uuid of known.keys()) if (!there.has(uuid)) known.delete(uuid);
    }
    const now = performance.now();
    const times = (uuid: string) => this.#failed.get(uuid)?.times ?? 0;
    const askedAt = (uuid: string) => this.#askedAt.get(uuid) ?? 0;
    return [...there.keys()]
      .filter((uuid) => !this.#unanswered.has(uuid) && (this.#failed.get(uuid)?.until ?? 0) <= now)
      .sort((one, other) => times(one) - times(other) || askedAt(one) - askedAt(other))
      .flatMap((uuid) => there.get(uuid) ?? []);
  }

  async #ask({ definition: { uuid, name } }: DomainRecord, signal: AbortSignal): Promise<FileSystem[] | undefined> {
    const answer = this.#call({ uuid, name });
    const limit = new AbortController();
    try {
      const late = delay(this.#patience.answerMs, undefined, { signal: AbortSignal.any([signal, limit.signal]) });
      const told = await Promise.race([answer, late]);
      if (told) this.#failed.delete(uuid);
      else this.#fail(uuid);
      return told;
    } catch (error) {
      signal.throwIfAborted();
      if (!(error instanceof LibvirtError)) throw error;
      if (error.code === LibvirtCode.NO_SUPPORT) this.#supported = false;
      this.#fail(uuid);
      return undefined;
    } finally {
      limit.abort();
    }
  }

  /** An answer that nobody waits for any more still takes a worker of the daemon's. */
  async #call(dom: { readonly uuid: string; readonly name: string }): Promise<FileSystem[] | undefined> {
    this.#unanswered.add(dom.uuid);
    this.#askedAt.set(dom.uuid, performance.now());
    try {
      const call = this.#source.daemon.call('DOMAIN_GET_GUEST_INFO', { dom, types: filesystems, flags: 0 });
      const answer = await unlessGone(call);
      return answer && fileSystemsOf(answer.params);
    } finally {
      this.#unanswered.delete(dom.uuid);
    }
  }

  #fail(uuid: string): void {
    const { pauseMs, longestPauseMs } = this.#patience;
    const times = (this.#failed.get(uuid)?.times ?? 0) + 1;
    const pause = Math.min(longestPauseMs, pauseMs * 2 ** Math.min(times - 1, 10));
    this.#failed.set(uuid, { times, until: performance.now() + pause });
  }
}

import { setTimeout as delay } from 'node:timers/promises';
import { type Caller, inBatches, unlessGone } from '../daemon.ts';
import { type DomainRecord, isActive } from '../inventory/domain-record.ts';
import { type LibvirtHost, RpcError, StatisticsFlag, StatisticsGroup, type StatisticsRecord } from '../rpc/index.ts';

/** Groups that are read without asking QEMU: a guest that hangs does not delay them. */
const neverWait = StatisticsGroup.state | StatisticsGroup.interface;

/** virDomainControlState: what the daemon is at with a guest's QEMU. */
const Control = { ok: 0, occupied: 2, error: 3 } as const;

/** A domain as statistics are asked for. */
interface Handle {
  readonly uuid: string;
  readonly name: string;
}

/** What statistics are asked of, and who may be asked for. */
export interface StatisticsSource {
  readonly daemon: Caller & Pick<LibvirtHost, 'statistics'>;
  readonly domains: { records(): Iterable<DomainRecord> };
}

export interface Patience {
  /** A guest whose QEMU has kept the daemon waiting so long hangs. */
  readonly hungAfterMs: number;
  /** An answer that takes longer, with no guest that hangs, is asked for again in halves. */
  readonly deadlineMs: number;
}

const patience: Patience = { hungAfterMs: 1000, deadlineMs: 15_000 };

/**
 * Each hung guest holds one of the daemon's 20 workers until it answers. With so many of them QEMU is asked nothing
 * any more, so that the daemon stays able to act.
 */
const mostHung = 8;

/**
 * Statistics of all running domains, in one request as a rule. libvirt asks one guest after the other, so one whose
 * QEMU hangs would hold up the rest: it is found, left out, and looked at without asking QEMU until it answers again.
 */
export class DomainStatistics {
  readonly #source: StatisticsSource;
  readonly #patience: Patience;
  readonly #hung = new Map<string, Handle>();

  constructor(source: StatisticsSource, given = patience) {
    this.#source = source;
    this.#patience = given;
  }

  /** The statistics of all running domains, but those that hang. @throws LibvirtError, RpcError, the signal's reason */
  async read(groups: number, signal: AbortSignal): Promise<StatisticsRecord[]> {
    if ((groups & ~neverWait) === 0) return this.#ask(undefined, groups, signal);
    await this.#lookAtHung(signal);
    return this.#readPatiently(undefined, groups, signal);
  }

  /** `among` is undefined for all. */
  async #readPatiently(
    among: readonly Handle[] | undefined,
    groups: number,
    signal: AbortSignal,
  ): Promise<StatisticsRecord[]> {
    if (this.#hung.size >= mostHung) {
      return (groups & neverWait) === 0 ? [] : this.#ask(among, groups & neverWait, signal);
    }
    const asked = this.#hung.size === 0 ? among : (among ?? this.#active()).filter(({ uuid }) => !this.#hung.has(uuid));
    if (asked?.length === 0) return [];
    const watch = new AbortController();
    const answer = this.#ask(asked, groups, AbortSignal.any([signal, watch.signal]));
    const outcome = await this.#race(answer, asked, signal, watch);
    if (outcome === 'hung') return this.#readPatiently(asked, groups, signal);
    if (outcome !== 'late') return outcome;
    const all = asked ?? this.#active();
    const [first, ...rest] = all;
    if (first && rest.length === 0) this.#hung.set(first.uuid, first);
    if (all.length < 2) return [];
    const half = Math.ceil(all.length / 2);
    const halves = [all.slice(0, half), all.slice(half)];
    return (await Promise.all(halves.map((part) => this.#readPatiently(part, groups, signal)))).flat();
  }

  /** The answer; or `hung` when guests that hang were found meanwhile; or `late`. Then the request was given up. */
  async #race(
    answer: Promise<StatisticsRecord[]>,
    asked: readonly Handle[] | undefined,
    signal: AbortSignal,
    watch: AbortController,
  ): Promise<StatisticsRecord[] | 'hung' | 'late'> {
    const { hungAfterMs, deadlineMs } = this.#patience;
    const start = performance.now();
    for (;;) {
      const rows = await this.#within(hungAfterMs, answer);
      if (rows) return rows;
      const found = await this.#findHung(asked ?? this.#active(), signal);
      const late = performance.now() - start >= deadlineMs;
      if (found.length === 0 && !late) continue;
      answer.catch(() => {}); // given up
      watch.abort(new RpcError('TIMEOUT', 'A guest hangs.'));
      for (const handle of found) this.#hung.set(handle.uuid, handle);
      return found.length > 0 ? 'hung' : 'late';
    }
  }

  /** The answer, if it comes in time. */
  async #within<T>(timeMs: number, answer: Promise<T>): Promise<T | undefined> {
    const enough = new AbortController();
    const nothing = delay(timeMs, undefined, { signal: enough.signal }).catch(() => undefined);
    return Promise.race([answer, nothing]).finally(() => enough.abort());
  }

  async #findHung(domains: readonly Handle[], signal: AbortSignal): Promise<Handle[]> {
    const hanging = await inBatches(domains, async (dom) => ((await this.#hangs(dom, signal)) ? [dom] : []));
    return hanging.flat();
  }

  /** Forgets those that answer again, or are gone. */
  async #lookAtHung(signal: AbortSignal): Promise<void> {
    await inBatches([...this.#hung.values()], async (dom) => {
      if ((await this.#control(dom, signal))?.state !== Control.occupied) this.#hung.delete(dom.uuid);
    });
  }

  async #hangs(dom: Handle, signal: AbortSignal): Promise<boolean> {
    const control = await this.#control(dom, signal);
    if (control?.state !== Control.occupied && control?.state !== Control.error) return false;
    return control.stateTime >= this.#patience.hungAfterMs * 0.8;
  }

  /** Answered by the daemon itself, whatever QEMU does. */
  async #control(dom: Handle, signal: AbortSignal) {
    const answer = this.#source.daemon.call('DOMAIN_GET_CONTROL_INFO', { dom }, { signal });
    return unlessGone(answer).catch((error: unknown) => {
      signal.throwIfAborted();
      if (error instanceof RpcError) throw error;
      return undefined; // not running any more, or a hypervisor that cannot tell
    });
  }

  #active(): Handle[] {
    const records = [...this.#source.domains.records()].filter(({ power }) => isActive(power));
    return records.map(({ definition: { uuid, name } }) => ({ uuid, name }));
  }

  async #ask(domains: readonly Handle[] | undefined, groups: number, signal: AbortSignal): Promise<StatisticsRecord[]> {
    const flags = domains ? 0 : StatisticsFlag.active;
    return [...(await this.#source.daemon.statistics({ domains, groups, flags }, { signal }))];
  }
}

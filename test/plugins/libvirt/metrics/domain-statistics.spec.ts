import assert from 'node:assert/strict';
import { readDomain } from '../../../../plugins/libvirt/domain-xml/domain-definition.ts';
import type { DomainRecord } from '../../../../plugins/libvirt/inventory/domain-record.ts';
import { DomainStatistics, type StatisticsSource } from '../../../../plugins/libvirt/metrics/domain-statistics.ts';
import { Statistics, StatisticsGroup, StatisticsLayout } from '../../../../plugins/libvirt/rpc/statistics.ts';

const never = new AbortController().signal;
const quick = { hungAfterMs: 5, deadlineMs: 20 };
const layout = new StatisticsLayout([], []);

/** A daemon that asks one guest after the other, as libvirt's does, and waits for those that hang. */
class Daemon {
  readonly guests: string[];
  readonly hung = new Set<string>();
  /** Guests that hang, though the daemon does not say so. */
  readonly secretlyHung = new Set<string>();
  readonly asked: string[][] = [];
  readonly #waitedFor = new Set<string>();

  constructor(...guests: string[]) {
    this.guests = guests;
  }

  get source(): StatisticsSource {
    const statistics: StatisticsSource['daemon']['statistics'] = ({ domains, groups = 0 } = {}, { signal } = {}) => {
      const asked = domains?.map(({ uuid }) => uuid) ?? this.guests;
      this.asked.push([...asked]);
      const waits = (groups & ~(StatisticsGroup.state | StatisticsGroup.interface)) !== 0;
      const stuck = waits ? asked.find((guest) => this.hung.has(guest) || this.secretlyHung.has(guest)) : undefined;
      if (stuck === undefined) return Promise.resolve(rows(asked));
      this.#waitedFor.add(stuck);
      return new Promise((_, reject) => signal?.addEventListener('abort', () => reject(signal.reason)));
    };
    const call = (_name: string, { dom }: { dom: { uuid: string } }) => {
      const occupied = this.hung.has(dom.uuid) && this.#waitedFor.has(dom.uuid);
      return Promise.resolve({ state: occupied ? 2 : 0, details: 0, stateTime: occupied ? 60_000 : 0 });
    };
    const daemon = { statistics, call } as unknown as StatisticsSource['daemon'];
    return { daemon, domains: { records: () => this.guests.map(record) } };
  }
}

function record(uuid: string): DomainRecord {
  const definition = { ...readDomain(`<domain><name>${uuid}</name></domain>`), uuid };
  return { definition, power: 'running', persistent: true, autostart: false };
}

function rows(guests: readonly string[]): Statistics {
  const domains = guests.map((uuid) => ({ uuid, name: uuid, id: 1 }));
  const [layouts, starts] = [domains.map(() => layout), domains.map(() => 0)];
  return new Statistics(domains, layouts, starts, new Float64Array(), []);
}

describe('statistics of many guests', () => {
  const read = async (statistics: DomainStatistics, groups: number = StatisticsGroup.block) =>
    (await statistics.read(groups, never)).map(({ domain }) => domain.uuid);

  it('are asked for in one request', async () => {
    const daemon = new Daemon('a', 'b', 'c');
    assert.deepEqual(await read(new DomainStatistics(daemon.source, quick)), ['a', 'b', 'c']);
    assert.deepEqual(daemon.asked, [['a', 'b', 'c']]);
  });

  it('leave out every guest that hangs, and do not ask for it again', async () => {
    const daemon = new Daemon('a', 'b', 'c', 'd');
    daemon.hung.add('b').add('d');
    const statistics = new DomainStatistics(daemon.source, quick);
    assert.deepEqual(await read(statistics), ['a', 'c']);
    daemon.asked.length = 0;
    assert.deepEqual(await read(statistics), ['a', 'c']);
    assert.deepEqual(daemon.asked, [['a', 'c']]);
  });

  it('have a guest back as soon as it answers again', async () => {
    const daemon = new Daemon('a', 'b');
    daemon.hung.add('a');
    const statistics = new DomainStatistics(daemon.source, quick);
    assert.deepEqual(await read(statistics), ['b']);
    daemon.hung.clear();
    assert.deepEqual(await read(statistics), ['a', 'b']);
  });

  it('are read of a guest that hangs where QEMU need not be asked', async () => {
    const daemon = new Daemon('a', 'b');
    daemon.hung.add('a');
    const statistics = new DomainStatistics(daemon.source, quick);
    await read(statistics);
    assert.deepEqual(await read(statistics, StatisticsGroup.state), ['a', 'b']);
  });

  it('are asked for in halves when the daemon does not say who hangs', async () => {
    const daemon = new Daemon('a', 'b', 'c', 'd', 'e');
    daemon.secretlyHung.add('d');
    assert.deepEqual(await read(new DomainStatistics(daemon.source, quick)), ['a', 'b', 'c', 'e']);
  });

  it('ask QEMU nothing any more when many guests hang', async () => {
    const guests = Array.from({ length: 12 }, (_, i) => `g${i}`);
    const daemon = new Daemon(...guests);
    for (const guest of guests) daemon.hung.add(guest);
    const statistics = new DomainStatistics(daemon.source, quick);
    assert.deepEqual(await read(statistics), []);
    assert.equal(daemon.asked.length, 8);
    assert.deepEqual(await read(statistics, StatisticsGroup.block | StatisticsGroup.state), guests);
  });

  it('end with the reason of an abort', async () => {
    const daemon = new Daemon('a');
    daemon.hung.add('a');
    const reason = new Error('enough');
    const statistics = new DomainStatistics(daemon.source, { hungAfterMs: 60_000, deadlineMs: 60_000 });
    const abort = new AbortController();
    const answer = statistics.read(StatisticsGroup.block, abort.signal);
    setImmediate(() => abort.abort(reason));
    await assert.rejects(answer, reason);
  });
});

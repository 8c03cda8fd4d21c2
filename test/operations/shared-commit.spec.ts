import assert from 'node:assert/strict';
import { SharedCommit } from '../../lib/operations/shared-commit.ts';
import { openSqliteStore } from '../../lib/store/sqlite/sqlite-store.ts';
import type { Store } from '../../lib/store/store.ts';
import { aHouse, closeHouses } from './house.ts';

/** A store that tells how often operations were brought to its disk. */
function counting(): { store: Store; commits: () => number } {
  const store = openSqliteStore(':memory:');
  let commits = 0;
  const together = (work: () => void) => {
    commits += 1;
    store.journal.together(work);
  };
  return { store: { ...store, journal: { ...store.journal, together } }, commits: () => commits };
}

describe('a commit that writes share', () => {
  const disk: string[] = [];
  const told: string[] = [];
  let commits = 0;
  let isFull = (_: string) => false;
  let shared: SharedCommit;

  beforeEach(() => {
    disk.length = 0;
    told.length = 0;
    commits = 0;
    isFull = () => false;
    shared = new SharedCommit((work) => {
      const before = disk.length;
      try {
        work();
        commits += 1;
      } catch (error) {
        disk.length = before;
        throw error;
      }
    });
  });

  const write = (what: string) => () => {
    if (isFull(what)) throw new Error(`no room for ${what}`);
    disk.push(what);
    return what;
  };
  const tell = (what: string) => {
    assert.ok(disk.includes(what), 'nothing is told before it is on disk');
    told.push(what);
  };
  const soon = (what: string) => shared.soon(write(what), tell);

  it('is one for all that is written in a turn, in order', async () => {
    const all = [soon('a'), soon('b'), soon('c')];
    assert.deepEqual(disk, []);
    assert.deepEqual(await Promise.all(all), ['a', 'b', 'c']);
    assert.deepEqual([disk, told, commits], [['a', 'b', 'c'], ['a', 'b', 'c'], 1]);
    await soon('d');
    assert.equal(commits, 2);
  });

  it('comes at once with what cannot wait', async () => {
    const first = soon('a');
    shared.now(write('b'), tell);
    assert.deepEqual([disk, told, commits], [['a', 'b'], ['a', 'b'], 1]);
    await first;
  });

  it('fails for those alone that cannot be written', async () => {
    isFull = (what) => what === 'b';
    const [a, b, c] = await Promise.allSettled([soon('a'), soon('b'), soon('c')]);
    assert.deepEqual([a?.status, b?.status, c?.status], ['fulfilled', 'rejected', 'fulfilled']);
    assert.deepEqual(
      [disk, told],
      [
        ['a', 'c'],
        ['a', 'c'],
      ],
    );
    const waiting = soon('d');
    assert.throws(() => shared.now(write('b'), tell), /no room for b/);
    assert.equal(await waiting, 'd');
  });
});

describe('operations that are asked for at once', () => {
  afterEach(closeHouses);

  it('share commits, and a changing call waits for one', async () => {
    const { store, commits } = counting();
    const house = aHouse({ store, settings: { parallelPerConnection: 100 } });
    const vms = Array.from({ length: 20 }, (_, index) => house.hypervisor.add({ id: `vm-${index}` }));
    const before = commits();
    await Promise.all(vms.map((vm) => house.run('vm.start', vm)));
    assert.ok(commits() - before < 2 * vms.length, `${commits() - before} commits`);
    for (const { id } of house.operations.history({})) {
      const told = house.events.filter(({ operation }) => operation.id === id).map(({ type }) => type);
      assert.deepEqual(told, ['queued', 'started', 'ended']);
    }
  });

  it('are begun once when they have one key, and those behind them go on', async () => {
    const house = aHouse();
    const web = house.hypervisor.add({ id: 'web' });
    const ask = () => house.submit('vm.start', web, { idempotencyKey: 'k' });
    const [first, second] = await Promise.all([ask(), ask()]);
    assert.equal(second.id, first.id);
    assert.equal((await house.run('vm.force-off', web)).state, 'succeeded');
    assert.deepEqual(house.hypervisor.applied, ['start web', 'force-off web']);
  });
});

import assert from 'node:assert/strict';
import { join } from 'node:path';
import { mock } from 'node:test';
import { VirtflowError } from '../../lib/model/errors.ts';
import type { ObjectRef } from '../../lib/model/reference.ts';
import { openSqliteStore } from '../../lib/store/sqlite/sqlite-store.ts';
import { SmallDisk } from '../store/small-disk.ts';
import { aDoor, aHouse, closeHouses, type House } from './house.ts';

const isFull = (error: unknown) => error instanceof VirtflowError && error.code === 'STORE_FULL';

describe('operations on a full disk', () => {
  let disk: SmallDisk;
  let house: House;
  let web: ObjectRef;

  before(function () {
    if (SmallDisk.missing) this.skip();
  });
  beforeEach(() => {
    disk = new SmallDisk(2048);
    house = aHouse({ store: openSqliteStore(join(disk.path, 'state.db')) });
    web = house.hypervisor.add({ id: 'web' });
  });
  afterEach(async () => {
    await closeHouses();
    disk.remove();
  });

  /** Fills what the disk has, and then what the store has left of its own files. */
  function fill(): void {
    disk.fill();
    assert.throws(() => {
      for (;;) house.store.states.put('filler', `${Math.random()}`, 'x'.repeat(3000));
    }, isFull);
  }

  it('are refused before any effect, and accepted when there is room again', async () => {
    fill();
    await assert.rejects(house.submit('vm.start', web), isFull);
    assert.deepEqual(house.hypervisor.applied, []);
    assert.deepEqual(house.events, []);
    assert.deepEqual(house.operations.history({}), []);
    disk.free();
    assert.equal((await house.run('vm.start', web)).state, 'succeeded');
  });

  it('tell their end only once it is on disk', async () => {
    const door = aDoor();
    house.hypervisor.after = () => door.opened;
    const { id } = await house.submit('vm.start', web);
    await house.started(id);
    mock.timers.enable({ apis: ['setTimeout'] });
    fill();
    door.open();
    await house.untilSaid(/waits to be recorded/);
    assert.equal(house.hypervisor.power('web'), 'running');
    assert.equal(house.operations.get(id).state, 'running');
    assert.equal(house.events.filter(({ type }) => type === 'ended').length, 0);
    disk.free();
    mock.timers.tick(1000);
    assert.equal((await house.operations.finished(id)).state, 'succeeded');
    assert.equal(house.store.journal.get(id)?.state, 'succeeded');
  });

  it('send nothing when the disk fills up while they wait for their turn', async () => {
    const door = aDoor();
    house.hypervisor.before = () => door.opened;
    const first = await house.submit('vm.start', web);
    const second = await house.submit('vm.force-off', web);
    await house.started(first.id);
    mock.timers.enable({ apis: ['setTimeout'] });
    fill();
    door.open();
    await house.untilSaid(/waits to be recorded/);
    disk.free();
    mock.timers.tick(1000);
    await house.operations.finished(first.id);
    assert.equal((await house.operations.finished(second.id)).state, 'succeeded');
    assert.deepEqual(house.hypervisor.applied, ['start web', 'force-off web']);
  });
});

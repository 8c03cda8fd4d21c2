import assert from 'node:assert/strict';
import { aDoor, aHouse, closeHouses } from './house.ts';

describe('the order of operations', () => {
  afterEach(closeHouses);

  it('changes one object by one operation at a time, the second says what it waits for', async () => {
    const house = aHouse();
    const web = house.hypervisor.add({ id: 'web' });
    const door = aDoor();
    house.hypervisor.before = (call) => (call === 'start' ? door.opened : undefined);
    const first = await house.submit('vm.start', web);
    const second = await house.submit('vm.force-off', web);
    assert.equal(second.state, 'queued');
    assert.equal(second.why[0]?.rule, 'object-busy');
    assert.equal(second.why[0]?.operation, first.id);
    assert.match(second.why[0]?.says ?? '', /waits for vm\.start of web/);
    assert.deepEqual(house.hypervisor.applied, []);
    door.open();
    assert.equal((await house.operations.finished(second.id)).state, 'succeeded');
    assert.deepEqual(house.hypervisor.applied, ['start web', 'force-off web']);
  });

  it('judges the state when the turn comes, not when it was submitted', async () => {
    const house = aHouse();
    const web = house.hypervisor.add({ id: 'web' });
    const door = aDoor();
    house.hypervisor.before = () => door.opened;
    const start = await house.submit('vm.start', web);
    const reset = await house.submit('vm.reset', web);
    const pause = await house.submit('vm.pause', web);
    const resetAgain = await house.submit('vm.delete', web);
    door.open();
    const ends = await Promise.all([start, reset, pause, resetAgain].map(({ id }) => house.operations.finished(id)));
    assert.deepEqual(
      ends.map(({ state }) => state),
      ['succeeded', 'succeeded', 'succeeded', 'failed'],
    );
    assert.equal(ends[3]?.error?.code, 'STATE_FORBIDS');
    assert.deepEqual(house.hypervisor.applied, ['start web', 'reset web', 'pause web']);
  });

  it('asks the hypervisor again when an operation had to wait, and only then', async () => {
    const house = aHouse();
    const web = house.hypervisor.add({ id: 'web' });
    const door = aDoor();
    house.hypervisor.before = () => door.opened;
    const first = await house.submit('vm.start', web);
    await house.started(first.id);
    assert.equal(house.hypervisor.fetched, 1);
    const second = await house.submit('vm.reset', web);
    door.open();
    await house.operations.finished(second.id);
    assert.equal(house.hypervisor.fetched, 3);
  });

  it('keeps the order of submission on one object, however slowly the hypervisor answers', async () => {
    const house = aHouse();
    const web = house.hypervisor.add({ id: 'web' });
    const door = aDoor();
    let fetches = 0;
    house.hypervisor.onFetch = () => (fetches++ === 0 ? door.opened : undefined);
    const submitted = Promise.all(['vm.start', 'vm.reset', 'vm.force-off'].map((action) => house.submit(action, web)));
    door.open();
    for (const { id } of await submitted) await house.operations.finished(id);
    assert.deepEqual(house.hypervisor.applied, ['start web', 'reset web', 'force-off web']);
  });

  it('runs as many at once on a connection as the limit allows, in the order they came', async () => {
    const house = aHouse({ settings: { parallelPerConnection: 2 } });
    const vms = ['a', 'b', 'c', 'd'].map((id) => house.hypervisor.add({ id }));
    const door = aDoor();
    const arrived: string[] = [];
    house.hypervisor.arrived.subscribe((call) => arrived.push(call));
    house.hypervisor.before = () => door.opened;
    const operations = [];
    for (const vm of vms) operations.push(await house.submit('vm.start', vm));
    assert.deepEqual(arrived, ['start a', 'start b']);
    assert.equal(operations[2]?.why[0]?.rule, 'connection-limit');
    door.open();
    await Promise.all(operations.map(({ id }) => house.operations.finished(id)));
    assert.deepEqual(arrived, ['start a', 'start b', 'start c', 'start d']);
  });

  it('lets an object that is busy hold up nobody else', async () => {
    const house = aHouse({ settings: { parallelPerConnection: 2 } });
    const [a, b] = ['a', 'b'].map((id) => house.hypervisor.add({ id }));
    assert.ok(a && b);
    const door = aDoor();
    house.hypervisor.before = (call) => (call === 'start' ? door.opened : undefined);
    const start = await house.submit('vm.start', a);
    const off = await house.submit('vm.force-off', a);
    const other = await house.submit('vm.define', a, {}).catch(() => house.submit('vm.delete', b));
    assert.equal((await house.operations.finished(other.id)).state, 'succeeded');
    door.open();
    await house.operations.finished(off.id);
    assert.equal(house.operations.get(start.id).state, 'succeeded');
  });

  it('takes a thousand at once and ends each of them once', async function () {
    // Four writes that wait for the disk, a thousand times: a slow disk is no defect.
    this.timeout(120_000);
    const house = aHouse();
    const vms = Array.from({ length: 1000 }, (_, index) => house.hypervisor.add({ id: `vm${index}` }));
    const submitted = await Promise.all(vms.map((vm) => house.submit('vm.start', vm)));
    const ends = await Promise.all(submitted.map(({ id }) => house.operations.finished(id)));
    assert.ok(ends.every(({ state }) => state === 'succeeded'));
    assert.equal(house.hypervisor.applied.length, 1000);
    assert.equal(new Set(house.hypervisor.applied).size, 1000);
  });

  it('waits for a connection that went down after the operation was accepted', async () => {
    const house = aHouse({ settings: { parallelPerConnection: 1 } });
    const [a, b] = ['a', 'b'].map((id) => house.hypervisor.add({ id }));
    assert.ok(a && b);
    const door = aDoor();
    house.hypervisor.before = () => door.opened;
    const first = await house.submit('vm.start', a);
    const second = await house.submit('vm.start', b);
    house.hypervisor.goDown();
    door.open();
    await house.operations.finished(first.id);
    await house.until(({ operation }) => operation.why.some(({ rule }) => rule === 'connection-down'));
    assert.equal(house.operations.get(second.id).state, 'queued');
    house.hypervisor.comeUp();
    assert.equal((await house.operations.finished(second.id)).state, 'succeeded');
  });
});

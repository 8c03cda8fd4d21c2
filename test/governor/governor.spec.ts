import assert from 'node:assert/strict';
import { VirtflowError } from '../../lib/model/errors.ts';
import { closeHouses } from '../operations/house.ts';
import { GovernedHouse } from './house.ts';

const minute = 60_000;
const forceOffs = { id: 'offs', type: 'budget', actions: ['vm.force-off'], limit: 2, window: '10m' };
const open: GovernedHouse[] = [];

function aGovernedHouse(...rules: Record<string, unknown>[]): GovernedHouse {
  const house = new GovernedHouse({ rules });
  open.push(house);
  return house;
}

async function refused(work: Promise<unknown>): Promise<VirtflowError> {
  try {
    await work;
  } catch (error) {
    if (error instanceof VirtflowError) return error;
    throw error;
  }
  throw new Error('it was not refused');
}

describe('the governor over operations', () => {
  afterEach(async () => {
    for (const { governor } of open.splice(0)) governor.stop();
    await closeHouses();
  });

  it('lets through what a budget allows; the next is refused with the rule and its numbers', async () => {
    const governed = aGovernedHouse(forceOffs);
    const { house, governor } = governed;
    const [one, two, three] = governed.vms(3);
    assert.equal((await house.run('vm.force-off', one)).state, 'succeeded');
    const second = await house.run('vm.force-off', two);
    assert.match(second.why.map(({ says }) => says).join(' '), /The governor counts it by the rule offs/);
    const error = await refused(house.submit('vm.force-off', three));
    assert.equal(error.code, 'GOVERNOR_BUDGET');
    const { rule, used, limit, window, freesAt } = error.details;
    assert.deepEqual([rule, used, limit, window], ['offs', 2, 2, '10m']);
    assert.ok(typeof freesAt === 'number' && freesAt > Date.now() + 9 * minute);
    assert.match(error.message, /at most 2 vm\.force-off within 10 minutes \(rule "offs"\); 2 of 2 used/);
    assert.deepEqual(house.hypervisor.applied, ['force-off vm-1', 'force-off vm-2']);
    assert.equal((await governor.usage()).rules[0]?.scopes[0]?.used, 2);
    const [last] = house.operations.history({ states: ['refused'] });
    assert.equal(last?.why[0]?.governorRule, 'offs');
  });

  it('has room again when the window is over', async () => {
    const governed = aGovernedHouse(forceOffs);
    const { house } = governed;
    const [one, two, three] = governed.vms(3);
    for (const vm of [one, two]) await house.run('vm.force-off', vm);
    await governed.pass(10 * minute);
    assert.equal((await house.run('vm.force-off', three)).state, 'succeeded');
  });

  it('never refills a budget by a crash, whenever that comes', async () => {
    const governed = aGovernedHouse(forceOffs);
    const { house } = governed;
    const [one, two, three] = governed.vms(3);
    await house.run('vm.force-off', one);
    const { promise, resolve } = Promise.withResolvers<void>();
    house.hypervisor.before = () => promise;
    const { id } = await house.submit('vm.force-off', two);
    await house.started(id);
    const next = governed.crash(minute);
    open.push(next);
    house.hypervisor.before = () => undefined;
    assert.equal((await refused(next.house.submit('vm.force-off', three))).code, 'GOVERNOR_BUDGET');
    resolve();
    await next.pass(10 * minute);
    assert.equal((await next.house.run('vm.force-off', three)).state, 'succeeded');
  });

  it('gives nothing for free to many that are asked for at once', async () => {
    const governed = aGovernedHouse(forceOffs);
    const { house } = governed;
    const vms = governed.vms(8);
    const outcomes = await Promise.allSettled(vms.map((vm) => house.run('vm.force-off', vm)));
    const done = outcomes.filter((one) => one.status === 'fulfilled' && one.value.state === 'succeeded');
    assert.equal(done.length, 2);
    assert.equal(house.hypervisor.applied.length, 2);
  });

  it('refuses one of two when they are asked for, though neither is on disk yet', async () => {
    const governed = aGovernedHouse({ ...forceOffs, limit: 1 });
    const { house } = governed;
    const [first, second] = await Promise.allSettled(governed.vms(2).map((vm) => house.submit('vm.force-off', vm)));
    assert.equal(first?.status, 'fulfilled');
    assert.equal(second?.status === 'rejected' && second.reason.code, 'GOVERNOR_BUDGET');
  });

  it('does not count what never came to be', async () => {
    const governed = aGovernedHouse({ ...forceOffs, limit: 2 });
    const { house } = governed;
    const [web, db] = governed.vms(2);
    const ask = () => house.submit('vm.force-off', web, { idempotencyKey: 'k' });
    const [first, again] = await Promise.all([ask(), ask()]);
    assert.equal(again.id, first.id);
    assert.equal((await house.run('vm.force-off', db)).state, 'succeeded');
  });

  it('keeps waiting what a rule lets wait, in order, until there is room', async () => {
    const governed = aGovernedHouse({ ...forceOffs, limit: 1, onExceed: 'wait' });
    const { house } = governed;
    const vms = governed.vms(3);
    const ids = [];
    for (const vm of vms) ids.push((await house.submit('vm.force-off', vm)).id);
    const [first = '', second = '', third = ''] = ids;
    await house.operations.finished(first);
    await house.until(({ type, operation }) => type === 'waiting' && operation.id === third);
    assert.match(
      String(house.operations.get(second).why.at(-1)?.says),
      /the rule "offs" of the governor allows at most 1/,
    );
    await governed.pass(10 * minute + 1_000);
    assert.equal((await house.operations.finished(second)).state, 'succeeded');
    assert.equal(house.operations.get(third).state, 'waiting');
    await governed.pass(10 * minute + 1_000);
    assert.equal((await house.operations.finished(third)).state, 'succeeded');
    assert.deepEqual(
      house.hypervisor.applied,
      vms.map(({ id }) => `force-off ${id}`),
    );
  });

  it('counts by a selector what has been deleted since, also after a crash', async () => {
    const rule = {
      id: 'web',
      type: 'budget',
      actions: ['destructive'],
      limit: 1,
      window: '1h',
      selector: "'web' in tags",
    };
    const governed = aGovernedHouse(rule);
    const [one, two] = governed.vms(2, { tags: ['web'], power: 'halted' });
    await governed.house.run('vm.delete', one);
    const next = governed.crash();
    open.push(next);
    assert.equal((await refused(next.house.submit('vm.delete', two))).code, 'GOVERNOR_BUDGET');
    const other = next.house.hypervisor.add({ id: 'db', power: 'halted' });
    assert.equal((await next.house.run('vm.delete', other)).state, 'succeeded');
  });

  it('keeps a share of the VMs running', async () => {
    const governed = aGovernedHouse({ id: 'up', type: 'share', actions: ['power-off'], percent: 50 });
    const { house } = governed;
    const [one, two, three] = governed.vms(4);
    await house.run('vm.force-off', one);
    await house.run('vm.force-off', two);
    const error = await refused(house.submit('vm.force-off', three));
    assert.equal(error.code, 'GOVERNOR_SHARE');
    assert.match(error.message, /at most 50 % of the VMs off or worked on at once.*; 2 of 2 used, of 4 VMs/);
    await house.run('vm.start', one);
    assert.equal((await house.run('vm.force-off', three)).state, 'succeeded');
  });

  it('opens a breaker after failures, keeps it open over a crash, and closes it after a trial', async () => {
    const breaker = { id: 'sick', type: 'breaker', actions: ['*'], failures: 2, window: '5m', openFor: '1m' };
    const governed = aGovernedHouse(breaker);
    const { house } = governed;
    const [one, two, three] = governed.vms(3);
    house.hypervisor.before = () => Promise.reject(new VirtflowError('HYPERVISOR_DENIED', { reason: 'a test' }));
    for (const vm of [one, two]) assert.equal((await house.run('vm.force-off', vm)).state, 'failed');
    house.hypervisor.before = () => undefined;
    assert.equal((await refused(house.submit('vm.force-off', three))).code, 'GOVERNOR_BREAKER_OPEN');
    const next = governed.crash();
    open.push(next);
    assert.equal((await refused(next.house.submit('vm.force-off', three))).code, 'GOVERNOR_BREAKER_OPEN');
    await next.pass(minute + 1_000);
    assert.equal((await next.house.run('vm.force-off', three)).state, 'succeeded');
    assert.equal((await next.house.run('vm.force-off', one)).state, 'succeeded');
  });

  it('refuses a storm over a crash until it was calm', async () => {
    const storm = { id: 'storm', type: 'storm', submissions: 3, window: '10s', calmFor: '30s' };
    const governed = aGovernedHouse(storm);
    const [vm] = governed.vms(1);
    for (let round = 0; round < 3; round += 1) await governed.house.run('vm.reset', vm);
    assert.equal((await refused(governed.house.submit('vm.reset', vm))).code, 'GOVERNOR_STORM');
    const next = governed.crash(5_000);
    open.push(next);
    assert.equal((await refused(next.house.submit('vm.reset', vm))).code, 'GOVERNOR_STORM');
    await next.pass(31_000);
    assert.equal((await next.house.run('vm.reset', vm)).state, 'succeeded');
  });

  it('lets go on in a storm what was taken before it, also after a crash', async () => {
    const storm = { id: 'storm', type: 'storm', submissions: 3, window: '1h', calmFor: '1h' };
    const governed = aGovernedHouse({ ...forceOffs, limit: 1, onExceed: 'wait' }, storm);
    const { house } = governed;
    const [one, two, three] = governed.vms(3);
    const other = house.hypervisor.add({ id: 'other', power: 'running' });
    await house.run('vm.force-off', one);
    const ids: string[] = [];
    for (const vm of [two, three]) ids.push((await house.submit('vm.force-off', vm)).id);
    const [second = '', third = ''] = ids;
    assert.equal((await refused(house.submit('vm.reset', other))).code, 'GOVERNOR_STORM');
    await governed.pass(10 * minute + 1_000);
    assert.equal((await house.operations.finished(second)).state, 'succeeded');
    const next = governed.crash();
    open.push(next);
    assert.equal((await refused(next.house.submit('vm.reset', other))).code, 'GOVERNOR_STORM');
    await next.pass(10 * minute + 1_000);
    assert.equal((await next.house.operations.finished(third)).state, 'succeeded');
  });

  it('tells a plan what it would say to a run, and a plan uses nothing up', async () => {
    const governed = aGovernedHouse({ ...forceOffs, limit: 1 });
    const { house } = governed;
    const [one, two] = governed.vms(2);
    await house.run('vm.force-off', one, { mode: 'plan' });
    await house.run('vm.force-off', one);
    const plan = await house.run('vm.force-off', two, { mode: 'plan' });
    assert.match(String(plan.result?.text), /A run would be refused: vm.force-off of vm-2 is over a budget/);
  });

  it('stops everything with the kill switch until somebody releases it, over a crash', async () => {
    const governed = aGovernedHouse({ ...forceOffs, limit: 1, onExceed: 'wait' });
    const { house } = governed;
    const [one, two] = governed.vms(2);
    await house.run('vm.force-off', one);
    const { id } = await house.submit('vm.force-off', two);
    await house.until(({ type }) => type === 'waiting');
    governed.governor.kill('alice', 'smoke in room 2');
    const waited = await house.operations.finished(id);
    assert.equal(waited.state, 'cancelled');
    assert.match(String(waited.error?.message), /alice with the kill switch \(smoke in room 2\)/);
    const error = await refused(house.submit('vm.start', one));
    assert.equal(error.code, 'GOVERNOR_STOPPED');
    assert.match(error.message, /alice stopped everything at .*Z \(smoke in room 2\)/);
    const next = governed.crash();
    open.push(next);
    assert.equal((await refused(next.house.submit('vm.start', one))).code, 'GOVERNOR_STOPPED');
    assert.equal(next.governor.release('bob')?.by, 'alice');
    assert.equal((await next.house.run('vm.start', one)).state, 'succeeded');
    const told = next.audited().filter(({ what }) => what.startsWith('governor.'));
    assert.deepEqual(
      told.map(({ what, who }) => `${what} by ${who}`),
      ['governor.rules-changed by tester', 'governor.killed by alice', 'governor.released by bob'],
    );
  });

  it('cancels what runs as well, when that is wanted', async () => {
    const governed = aGovernedHouse();
    const { house, governor } = governed;
    const [one] = governed.vms(1);
    const { id } = await house.submit('vm.shutdown', one);
    await house.started(id);
    governor.kill('alice', 'stop it', { cancelRunning: true });
    assert.equal((await house.operations.finished(id)).state, 'cancelled');
  });

  it('hears of a switch that was thrown in another process', async () => {
    const governed = aGovernedHouse();
    const [one] = governed.vms(1);
    const record = { by: 'carol', reason: 'from the command line', at: Date.now(), cancelRunning: false };
    governed.house.store.states.put('governor', 'kill-switch', record);
    assert.equal((await refused(governed.house.submit('vm.reset', one))).code, 'GOVERNOR_STOPPED');
    assert.equal((await governed.governor.usage()).killed?.by, 'carol');
  });

  it('does not take a switch without a reason', () => {
    const { governor } = aGovernedHouse();
    assert.throws(() => governor.kill('alice', ' '), /reason/);
  });
});

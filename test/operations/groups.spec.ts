import assert from 'node:assert/strict';
import type { ObjectRef } from '../../lib/model/reference.ts';
import type { ActionMember, GroupRequest, Member } from '../../lib/operations/groups/group.ts';
import type { Operation } from '../../lib/operations/operation.ts';
import { isError } from '../access/fixtures.ts';
import { aDoor, aHouse, closeHouses, type House } from './house.ts';

const origin = { through: 'test', principal: 'tester' } as const;

function member(action: string, target: ObjectRef, more: Partial<ActionMember> = {}): ActionMember {
  return { action, target, parameters: {}, ...more };
}

function aGroup(members: readonly Member[], more: Partial<GroupRequest> = {}): GroupRequest {
  return { title: 'test', order: 'sequence', onError: 'stop', members, origin, ...more };
}

async function run(house: House, request: GroupRequest): Promise<Operation> {
  const { id } = await house.operations.submitGroup(request);
  return house.operations.finished(id);
}

function statesOf({ result }: Operation): unknown[] {
  assert.ok(Array.isArray(result?.items));
  return result.items.map((item: { state: string }) => item.state);
}

describe('a group of operations', () => {
  afterEach(closeHouses);

  const threeVms = (house: House) => ['a', 'b', 'c'].map((id) => house.hypervisor.add({ id }));

  it('in sequence begins each member when the one before has ended', async () => {
    const house = aHouse();
    const [a, b, c] = threeVms(house);
    assert.ok(a && b && c);
    const ended = await run(house, aGroup([member('vm.start', a), member('vm.start', b), member('vm.pause', a)]));
    assert.equal(ended.state, 'succeeded');
    assert.equal(ended.progress, 1);
    assert.deepEqual(house.hypervisor.applied, ['start a', 'start b', 'pause a']);
    const children = house.operations.children(ended.id);
    assert.deepEqual(
      children.map((child) => [child.parent, child.member, child.state]),
      [0, 1, 2].map((place) => [ended.id, place, 'succeeded']),
    );
  });

  it('that is empty succeeds', async () => {
    const ended = await run(aHouse(), aGroup([]));
    assert.deepEqual([ended.state, ended.result?.count], ['succeeded', 0]);
  });

  it('stops at the first failure, and says of the rest why it was not begun', async () => {
    const house = aHouse();
    const [a, b] = threeVms(house);
    assert.ok(a && b);
    const ended = await run(house, aGroup([member('vm.start', a), member('vm.pause', b), member('vm.start', b)]));
    assert.deepEqual([ended.state, ended.error?.code], ['partial', 'OPERATION_PARTIAL']);
    assert.deepEqual(statesOf(ended), ['succeeded', 'refused', 'skipped']);
    assert.match(JSON.stringify(ended.result), /vm.pause of b ended as refused/);
    assert.deepEqual(house.hypervisor.applied, ['start a']);
  });

  it('goes on after a failure when it is told to, and keeps all errors', async () => {
    const house = aHouse();
    const [a, b, c] = threeVms(house);
    assert.ok(a && b && c);
    const members = [member('vm.pause', a), member('vm.pause', b), member('vm.start', c)];
    const ended = await run(house, aGroup(members, { onError: 'continue' }));
    assert.deepEqual(statesOf(ended), ['refused', 'refused', 'succeeded']);
    assert.match(String(ended.error?.message), /^2 of 3 parts failed: a: .* b: /);
  });

  it('of which nothing was done has failed', async () => {
    const house = aHouse();
    const [a] = threeVms(house);
    assert.ok(a);
    assert.equal((await run(house, aGroup([member('vm.pause', a)]))).state, 'failed');
  });

  it('in parallel runs as many at once as its limit says', async () => {
    const house = aHouse();
    const door = aDoor();
    let [most, now] = [0, 0];
    house.hypervisor.before = async () => {
      now += 1;
      most = Math.max(most, now);
      await door.opened;
      now -= 1;
    };
    const vms = ['a', 'b', 'c', 'd', 'e'].map((id) => house.hypervisor.add({ id }));
    const members = vms.map((vm) => member('vm.start', vm));
    const { id } = await house.operations.submitGroup(aGroup(members, { order: 'parallel', limit: 2 }));
    await house.until(() => house.operations.children(id).filter(({ state }) => state === 'running').length === 2);
    assert.equal(house.operations.children(id).length, 2);
    door.open();
    assert.equal((await house.operations.finished(id)).state, 'succeeded');
    assert.equal(most, 2);
    assert.equal(house.hypervisor.applied.length, 5);
  });

  it('takes a member of a connection that is down for failed, and never drops it', async () => {
    const house = aHouse();
    const [a] = threeVms(house);
    assert.ok(a);
    const away = { connection: 'away', kind: 'vm', id: 'x' } as const;
    const members = [member('vm.start', away), member('vm.start', a)];
    const ended = await run(house, aGroup(members, { order: 'per-connection', onError: 'continue' }));
    assert.deepEqual(statesOf(ended), ['refused', 'succeeded']);
    assert.equal(house.operations.children(ended.id)[0]?.error?.code, 'CONNECTION_UNKNOWN');
  });

  it('tells how far it is by the weights of its members', async () => {
    const house = aHouse({ settings: { progressEveryMs: 0 } });
    const [a, b] = threeVms(house);
    assert.ok(a && b);
    const door = aDoor();
    house.hypervisor.before = (_, object) => (object === 'b' ? door.opened : undefined);
    const members = [member('vm.start', a, { weight: 3 }), member('vm.start', b, { weight: 1 })];
    const { id } = await house.operations.submitGroup(aGroup(members));
    await house.until(({ operation }) => operation.id === id && operation.progress === 0.75);
    door.open();
    assert.equal((await house.operations.finished(id)).progress, 1);
  });

  it('that is cancelled cancels what runs, and begins no more', async () => {
    const house = aHouse({ settings: { stopsWithinMs: 20 } });
    const [a, b] = threeVms(house);
    assert.ok(a && b);
    house.hypervisor.before = () => new Promise(() => {});
    const { id } = await house.operations.submitGroup(aGroup([member('vm.start', a), member('vm.start', b)]));
    const { operation } = await house.until(({ type, operation }) => type === 'started' && operation.parent === id);
    house.operations.cancel(id, 'tester');
    const ended = await house.operations.finished(id);
    assert.deepEqual([ended.state, statesOf(ended)], ['cancelled', ['cancelled', 'skipped']]);
    assert.equal(house.operations.get(operation.id).state, 'cancelled');
  });

  it('that takes too long is stopped', async () => {
    const house = aHouse({ settings: { stopsWithinMs: 20 } });
    const [a] = threeVms(house);
    assert.ok(a);
    house.hypervisor.before = () => new Promise(() => {});
    const ended = await run(house, aGroup([member('vm.start', a)], { timeoutSeconds: 0.05 }));
    assert.deepEqual([ended.state, ended.error?.code], ['failed', 'OPERATION_TIMED_OUT']);
  });

  it('takes back in reverse order what was done, when a member fails and it is to roll back', async () => {
    const house = aHouse();
    const [a, b, c] = threeVms(house);
    assert.ok(a && b && c);
    const members = [
      member('vm.start', a, { parameters: { paused: true } }),
      member('vm.start', b),
      member('vm.pause', c),
    ];
    const started = house.until(({ type, operation }) => type === 'queued' && operation.action === 'vm.shutdown');
    started.then(() => house.hypervisor.put({ ...vmOf(house, 'b'), power: 'halted' })).catch(assert.fail);
    const ended = await run(house, aGroup(members, { onError: 'roll-back' }));
    assert.deepEqual([ended.state, ended.error?.code], ['failed', 'GROUP_ROLLED_BACK']);
    assert.deepEqual([vmOf(house, 'a').power, vmOf(house, 'b').power], ['halted', 'halted']);
    const [, , , rollBack] = house.operations.children(ended.id);
    assert.ok(rollBack);
    assert.deepEqual(
      house.operations
        .children(rollBack.id)
        .map(({ action, undoes }) => [action, house.operations.get(undoes ?? '').targetName]),
      [
        ['vm.shutdown', 'b'],
        ['vm.force-off', 'a'],
      ],
    );
    await assert.rejects(house.operations.undo(ended.id, { origin }), isError('UNDO_IMPOSSIBLE'));
  });

  it('says what could not be taken back', async () => {
    const house = aHouse();
    const [, , c] = threeVms(house);
    const running = house.hypervisor.add({ id: 'r', power: 'running' });
    assert.ok(c);
    const ended = await run(
      house,
      aGroup([member('vm.reset', running), member('vm.pause', c)], { onError: 'roll-back' }),
    );
    assert.deepEqual([ended.state, ended.error?.code], ['partial', 'GROUP_ROLL_BACK_INCOMPLETE']);
    assert.match(JSON.stringify(ended.result), /"left":\[\{"name":"r","action":"vm.reset"/);
  });

  it('may stand in a group', async () => {
    const house = aHouse();
    const [a, b, c] = threeVms(house);
    assert.ok(a && b && c);
    const inner = {
      title: 'inner',
      order: 'parallel',
      onError: 'continue',
      members: [member('vm.start', b), member('vm.start', c)],
    } as const;
    const ended = await run(house, aGroup([member('vm.start', a), { group: inner }, member('vm.pause', b)]));
    assert.equal(ended.state, 'succeeded');
    assert.equal(house.hypervisor.applied.at(-1), 'pause b');
  });

  it('is refused before anything is done when a member cannot be read', async () => {
    const house = aHouse();
    const [a] = threeVms(house);
    assert.ok(a);
    const odd = member('vm.start', a, { parameters: { odd: 1 } });
    await assert.rejects(run(house, aGroup([member('vm.start', a), odd])), isError('PARAMETER_INVALID'));
    await assert.rejects(run(house, aGroup([{ ...odd, weight: -1 }])), isError('GROUP_INVALID'));
    await assert.rejects(run(house, aGroup([], { limit: 0 })), isError('GROUP_INVALID'));
    assert.deepEqual(house.operations.history({}), []);
  });

  it('goes on after a restart with the next member, and does none twice', async () => {
    const house = aHouse();
    const [a, b, c] = threeVms(house);
    assert.ok(a && b && c);
    house.hypervisor.before = (_, object) => (object === 'b' ? new Promise(() => {}) : undefined);
    const { id } = await house.operations.submitGroup(
      aGroup(
        [a, b, c].map((vm) => member('vm.start', vm)),
        { onError: 'continue' },
      ),
    );
    await house.until(({ type, operation }) => type === 'started' && operation.member === 1);
    house.hypervisor.before = () => undefined;
    const next = house.crash({ settings: { settleWithinMs: 0 } });
    next.connect();
    next.operations.start();
    const ended = await next.operations.finished(id);
    assert.equal(ended.result?.count, 3);
    assert.deepEqual(statesOf(ended).toSpliced(1, 1), ['succeeded', 'succeeded']);
    assert.equal(next.operations.children(id).length, 3);
    assert.equal(next.hypervisor.applied.filter((call) => call === 'start a').length, 1);
  });

  it('shows no parameters that may hold secrets, and does it with them all the same', async () => {
    const house = aHouse();
    const definition = '<domain><graphics passwd="hunter2"/></domain>';
    const define = {
      action: 'vm.define',
      target: { connection: 'lab', kind: 'connection' },
      parameters: { definition },
    } as const;
    const ended = await run(
      house,
      aGroup([define, { group: { title: 'in', order: 'sequence', onError: 'stop', members: [define] } }]),
    );
    assert.equal(ended.state, 'succeeded');
    const told = [...house.operations.history({}), ...house.events.map(({ operation }) => operation)];
    for (const { parameters, group } of told) assert.ok(!JSON.stringify([parameters, group]).includes('hunter2'));
    await assert.rejects(house.operations.retry(ended.id, { origin }), isError('RETRY_IMPOSSIBLE'));
  });

  it('is told once for an idempotency key', async () => {
    const house = aHouse();
    const [a] = threeVms(house);
    assert.ok(a);
    const first = await run(house, aGroup([member('vm.start', a)], { idempotencyKey: 'k' }));
    const second = await house.operations.submitGroup(aGroup([member('vm.start', a)], { idempotencyKey: 'k' }));
    assert.equal(second.id, first.id);
  });

  it('does what failed again, and nothing else', async () => {
    const house = aHouse();
    const [a, b] = threeVms(house);
    assert.ok(a && b);
    const ended = await run(house, aGroup([member('vm.start', a), member('vm.pause', b)], { onError: 'continue' }));
    house.hypervisor.put({ ...vmOf(house, 'b'), power: 'running' });
    const { id } = await house.operations.retry(ended.id, { origin });
    const again = await house.operations.finished(id);
    assert.deepEqual([again.state, again.retries, again.result?.count], ['succeeded', ended.id, 1]);
    assert.equal(vmOf(house, 'b').power, 'paused');
    await assert.rejects(house.operations.retry(id, { origin }), isError('RETRY_IMPOSSIBLE'));
  });

  it('does again of a group within it what failed of that', async () => {
    const house = aHouse();
    const [a, b, c] = threeVms(house);
    assert.ok(a && b && c);
    const within = { title: 'within', order: 'parallel', onError: 'continue' } as const;
    const parts = [
      { group: { ...within, members: [member('vm.start', a), member('vm.pause', b)] } },
      { group: { ...within, members: [member('vm.start', c)] } },
    ];
    const ended = await run(house, aGroup(parts, { onError: 'continue' }));
    house.hypervisor.put({ ...vmOf(house, 'b'), power: 'running' });
    const { id } = await house.operations.retry(ended.id, { origin });
    const again = await house.operations.finished(id);
    const [part, ...others] = house.operations.children(id);
    assert.deepEqual([again.state, part?.result?.count, others], ['succeeded', 1, []]);
  });

  it('is found in the history of each object that its members touch', async () => {
    const house = aHouse();
    const [a, b] = threeVms(house);
    assert.ok(a && b);
    const { id } = await run(house, aGroup([member('vm.start', a), member('vm.start', b)]));
    assert.ok(house.operations.history({ object: b }).some((operation) => operation.id === id));
  });

  describe('as a plan', () => {
    it('tells the plans of its members, each on what the one before would leave, and changes nothing', async () => {
      const house = aHouse();
      const web = house.hypervisor.add({ id: 'web', power: 'running' });
      const members = [member('vm.shutdown', web), member('vm.start', web), member('vm.pause', web)];
      const plan = await run(house, aGroup(members, { mode: 'plan' }));
      assert.equal(plan.state, 'planned');
      const text = String(plan.result?.text);
      assert.match(text, /1\. vm\.shutdown of web would change power: running → halted/);
      assert.match(text, /2\. vm\.start of web would change power: halted → running/);
      assert.match(text, /3\. vm\.pause of web would change power: running → paused/);
      assert.deepEqual(house.hypervisor.applied, []);
    });

    it('tells which of them would be refused as it is now', async () => {
      const house = aHouse();
      const web = house.hypervisor.add({ id: 'web' });
      const plan = await run(house, aGroup([member('vm.pause', web)], { mode: 'plan', onError: 'continue' }));
      assert.match(String(plan.result?.text), /1 of them would be refused/);
    });
  });
});

function vmOf(house: House, id: string) {
  const vm = house.hypervisor.vms.get(id);
  assert.ok(vm);
  return vm;
}

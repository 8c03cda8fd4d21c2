import assert from 'node:assert/strict';
import { VirtflowError } from '../../lib/model/errors.ts';
import type { Candidate, Guard, Passage } from '../../lib/operations/guard.ts';
import { abortable } from '../../lib/operations/waiting.ts';
import { aDoor, aHouse, closeHouses } from './house.ts';

/** A guard that a test holds in its hand. */
class TestGuard implements Guard {
  readonly asked: Candidate[] = [];
  readonly #says: (candidate: Candidate) => Passage;

  constructor(says: (candidate: Candidate) => Passage) {
    this.#says = says;
  }

  pass(candidate: Candidate): Passage {
    this.asked.push(candidate);
    return this.#says(candidate);
  }

  get moments(): string[] {
    return this.asked.map(({ moment }) => moment);
  }
}

const why = { rule: 'test-hold', says: 'It waits for the test.' };
const lets: Passage = { why: [{ rule: 'test-lets', says: 'The test lets it.' }] };
const refusal = new VirtflowError('HYPERVISOR_BUSY', { reason: 'the test says so' });

function aHold(until: Promise<void>): Passage {
  return { why: [], hold: { why, over: (signal) => abortable(until, signal) } };
}

describe('a guard of operations', () => {
  afterEach(closeHouses);

  it('is asked before an operation is recorded and again at its turn, and its facts are kept', async () => {
    const guard = new TestGuard(() => lets);
    const house = aHouse({ guards: [guard] });
    const web = house.hypervisor.add({ id: 'web' });
    const { state, why: facts } = await house.run('vm.start', web);
    assert.equal(state, 'succeeded');
    assert.deepEqual(guard.moments, ['asked', 'turn']);
    assert.deepEqual(
      facts.map(({ rule }) => rule),
      ['test-lets'],
    );
  });

  it('that refuses is heard before anything is recorded', async () => {
    const guard = new TestGuard(() => {
      throw refusal;
    });
    const house = aHouse({ guards: [guard] });
    const web = house.hypervisor.add({ id: 'web' });
    await assert.rejects(house.submit('vm.start', web), refusal);
    assert.deepEqual(house.hypervisor.applied, []);
  });

  it('that refuses at the turn fails the operation, and nothing is sent', async () => {
    const guard = new TestGuard(({ moment }) => {
      if (moment === 'turn') throw refusal;
      return lets;
    });
    const house = aHouse({ guards: [guard] });
    const ended = await house.run('vm.start', house.hypervisor.add({ id: 'web' }));
    assert.equal(ended.state, 'failed');
    assert.equal(ended.error?.code, 'HYPERVISOR_BUSY');
    assert.deepEqual(ended.sent, []);
  });

  it('keeps an operation waiting, visibly, while others go on with the same object', async () => {
    const door = aDoor();
    let open = false;
    const guard = new TestGuard(({ action }) => (action.id === 'vm.pause' && !open ? aHold(door.opened) : lets));
    const house = aHouse({ guards: [guard] });
    const web = house.hypervisor.add({ id: 'web', power: 'running' });
    const { id } = await house.submit('vm.pause', web);
    await house.until(({ type, operation }) => type === 'waiting' && operation.id === id);
    assert.equal(house.operations.get(id).state, 'waiting');
    assert.deepEqual(house.store.journal.get(id)?.why, [why]);
    assert.equal((await house.run('vm.reset', web)).state, 'succeeded');
    open = true;
    door.open();
    const ended = await house.operations.finished(id);
    assert.equal(ended.state, 'succeeded');
    assert.ok(ended.releasedAt !== undefined);
    const types = house.events.filter(({ operation }) => operation.id === id).map(({ type }) => type);
    assert.deepEqual(types, ['queued', 'waiting', 'released', 'started', 'ended']);
  });

  it('may hold it again at its turn, and it does not block its lane meanwhile', async () => {
    const door = aDoor();
    let turns = 0;
    const guard = new TestGuard(({ moment, action }) => {
      if (moment !== 'turn' || action.id !== 'vm.start') return lets;
      turns += 1;
      return turns === 1 ? aHold(door.opened) : lets;
    });
    const house = aHouse({ guards: [guard], settings: { parallelPerConnection: 1 } });
    const { id } = await house.submit('vm.start', house.hypervisor.add({ id: 'web' }));
    await house.until(({ type, operation }) => type === 'waiting' && operation.id === id);
    const other = await house.run('vm.pause', house.hypervisor.add({ id: 'db', power: 'running' }));
    assert.equal(other.state, 'succeeded');
    door.open();
    assert.equal((await house.operations.finished(id)).state, 'succeeded');
    assert.equal(turns, 2);
  });

  it('that gives up waiting fails the operation with the reason', async () => {
    const guard = new TestGuard(() => aHold(Promise.reject(refusal)));
    const house = aHouse({ guards: [guard] });
    const ended = await house.run('vm.start', house.hypervisor.add({ id: 'web' }));
    assert.equal(ended.state, 'failed');
    assert.equal(ended.error?.code, refusal.code);
  });

  it('holds what can be cancelled at once', async () => {
    const guard = new TestGuard(() => aHold(new Promise(() => {})));
    const house = aHouse({ guards: [guard] });
    const { id } = await house.submit('vm.start', house.hypervisor.add({ id: 'web' }));
    await house.until(({ type }) => type === 'waiting');
    house.operations.cancel(id, 'tester');
    const ended = await house.operations.finished(id);
    assert.equal(ended.state, 'cancelled');
    assert.deepEqual(house.hypervisor.applied, []);
  });

  it('is asked again after a restart for what it kept waiting', async () => {
    const never = new TestGuard(() => aHold(new Promise(() => {})));
    const house = aHouse({ guards: [never] });
    const { id } = await house.submit('vm.start', house.hypervisor.add({ id: 'web' }));
    await house.until(({ type }) => type === 'waiting');
    const guard = new TestGuard(() => lets);
    const next = house.crash({ guards: [guard] });
    next.connect();
    next.operations.start();
    assert.equal((await next.operations.finished(id)).state, 'succeeded');
    assert.deepEqual(guard.moments, ['asked', 'turn']);
    assert.equal(guard.asked[0]?.target, undefined);
  });

  it('is not asked when what is wanted holds already', async () => {
    const guard = new TestGuard(() => lets);
    const house = aHouse({ guards: [guard] });
    const ended = await house.run('vm.start', house.hypervisor.add({ id: 'web', power: 'running' }));
    assert.equal(ended.result?.changed, false);
    assert.deepEqual(guard.moments, []);
  });

  it('tells a plan what it would say to a run', async () => {
    const holds = aHouse({ guards: [new TestGuard(() => aHold(Promise.resolve()))] });
    const plan = await holds.run('vm.start', holds.hypervisor.add({ id: 'web' }), { mode: 'plan' });
    assert.deepEqual(plan.result?.conditions, [
      { rule: 'would-wait-test-hold', says: 'A run would wait: It waits for the test.' },
    ]);
    const refuses = aHouse({
      guards: [
        new TestGuard(() => {
          throw refusal;
        }),
      ],
    });
    const other = await refuses.run('vm.start', refuses.hypervisor.add({ id: 'web' }), { mode: 'plan' });
    assert.equal(other.state, 'planned');
    assert.match(String(other.result?.text), /A run would be refused: .*the test says so/);
  });

  it('is one of several, asked in order until one holds', async () => {
    const [first, second] = [new TestGuard(() => aHold(new Promise(() => {}))), new TestGuard(() => lets)];
    const house = aHouse({ guards: [first, second] });
    await house.submit('vm.start', house.hypervisor.add({ id: 'web' }));
    await house.until(({ type }) => type === 'waiting');
    assert.deepEqual(second.moments, []);
  });
});

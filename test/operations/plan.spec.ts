import assert from 'node:assert/strict';
import { ActionRegistry } from '../../lib/actions/registry.ts';
import { VirtflowError } from '../../lib/model/errors.ts';
import type { OperationRequest } from '../../lib/operations/operation.ts';
import { anOperation } from '../store/an-operation.ts';
import { aDoor, aHouse, closeHouses, House } from './house.ts';

const plan = { mode: 'plan' } as const;
const code = (expected: string) => (error: unknown) => error instanceof VirtflowError && error.code === expected;

describe('a plan', () => {
  afterEach(closeHouses);

  it('ends as planned, tells what would change, and changes nothing', async () => {
    const house = aHouse();
    const web = house.hypervisor.add({ id: 'web' });
    const operation = await house.run('vm.start', web, plan);
    assert.deepEqual([operation.state, operation.mode, operation.progress], ['planned', 'plan', 1]);
    assert.deepEqual(operation.result, {
      action: 'vm.start',
      object: { ref: web, name: 'web' },
      nothingToDo: false,
      changes: [{ what: 'power', before: 'halted', after: 'running' }],
      conditions: [],
      calls: ['start'],
      risk: { danger: 'none', text: 'It neither stops a guest nor loses data.' },
      lastsAtMostSeconds: 300,
      undo: { action: 'vm.shutdown' },
      sentence: 'vm.start of web would change power: halted → running.',
      text: [
        'vm.start of web would change power: halted → running.',
        '- power: halted → running',
        '- risk: none. It neither stops a guest nor loses data.',
        '- lasts at most: 300 s',
        '- undo: vm.shutdown',
      ].join('\n'),
    });
    assert.deepEqual([operation.sent, operation.calls, operation.startedAt], [[], [], null]);
    assert.deepEqual([house.hypervisor.applied, house.hypervisor.power('web')], [[], 'halted']);
    assert.deepEqual(
      house.events.map(({ type }) => type),
      ['queued', 'ended'],
    );
  });

  it('is in the history as planned', async () => {
    const house = aHouse();
    const { id } = await house.run('vm.start', house.hypervisor.add({ id: 'web' }), plan);
    assert.deepEqual(
      house.operations.history({ states: ['planned'] }).map((one) => one.id),
      [id],
    );
  });

  it('says that there is nothing to do where it is so already', async () => {
    const house = aHouse();
    const web = house.hypervisor.add({ id: 'web', power: 'running' });
    const { state, result } = await house.run('vm.start', web, plan);
    assert.deepEqual([state, result?.nothingToDo, result?.changes, result?.calls], ['planned', true, [], []]);
    assert.equal(result?.text, 'vm.start of web would do nothing: it is so already.');
  });

  const refusals: [string, string, string, Partial<OperationRequest>][] = [
    ['what the state forbids', 'STATE_FORBIDS', 'vm.reset', plan],
    ['a parameter that is none', 'PARAMETER_INVALID', 'vm.start', { ...plan, parameters: { pausde: true } }],
    ['an action that does not exist', 'ACTION_UNKNOWN', 'vm.explode', plan],
  ];
  for (const [what, expected, action, more] of refusals) {
    it(`is refused like a run: ${what}`, async () => {
      const house = aHouse();
      await assert.rejects(house.submit(action, house.hypervisor.add({ id: 'web' }), more), code(expected));
      assert.deepEqual(house.operations.history({}), []);
    });
  }

  it('that is misspelt is refused and does not run', async () => {
    const house = aHouse();
    const request = { ...house.request('vm.start', house.hypervisor.add({ id: 'web' })), mode: 'paln' };
    const untyped = request as unknown as OperationRequest;
    await assert.rejects(house.operations.submit(untyped), code('PARAMETER_INVALID'));
    assert.deepEqual(house.hypervisor.applied, []);
  });

  it('does not wait behind an operation that changes the object, and says what a run would wait for', async () => {
    const house = aHouse();
    const web = house.hypervisor.add({ id: 'web', power: 'running' });
    const door = aDoor();
    house.hypervisor.before = () => door.opened;
    const pausing = await house.submit('vm.pause', web);
    await house.started(pausing.id);
    const planned = await house.run('vm.shutdown', web, plan);
    assert.equal(planned.state, 'planned');
    const [fact] = planned.why;
    assert.deepEqual([fact?.rule, fact?.operation], ['would-wait-object-busy', pausing.id]);
    door.open();
    assert.equal((await house.operations.finished(pausing.id)).state, 'succeeded');
  });

  it('does not free the object for others while an operation changes it', async () => {
    const house = aHouse();
    const web = house.hypervisor.add({ id: 'web', power: 'running' });
    const door = aDoor();
    house.hypervisor.before = () => door.opened;
    const pausing = await house.submit('vm.pause', web);
    await house.started(pausing.id);
    await house.run('vm.shutdown', web, plan);
    const resuming = await house.submit('vm.resume', web);
    assert.deepEqual([resuming.why[0]?.rule, resuming.why[0]?.operation], ['object-busy', pausing.id]);
    door.open();
    await house.operations.finished(resuming.id);
    assert.deepEqual(house.hypervisor.applied, ['pause web', 'resume web']);
  });

  it('does not wait for a place on the connection, and says that a run would', async () => {
    const house = aHouse({ settings: { parallelPerConnection: 1 } });
    const [web, db] = ['web', 'db'].map((id) => house.hypervisor.add({ id }));
    assert.ok(web && db);
    const door = aDoor();
    house.hypervisor.before = () => door.opened;
    const starting = await house.submit('vm.start', web);
    await house.started(starting.id);
    const { state, why } = await house.run('vm.start', db, plan);
    assert.deepEqual([state, why[0]?.rule], ['planned', 'would-wait-connection-limit']);
    door.open();
    await house.operations.finished(starting.id);
  });

  it('fails where the state forbids it once an operation is ahead, for it is of how things are now', async () => {
    const house = aHouse();
    const web = house.hypervisor.add({ id: 'web' });
    const door = aDoor();
    house.hypervisor.before = () => door.opened;
    const starting = await house.submit('vm.start', web);
    await house.started(starting.id);
    const { state, error } = await house.run('vm.pause', web, plan);
    assert.deepEqual([state, error?.code], ['failed', 'STATE_FORBIDS']);
    door.open();
    await house.operations.finished(starting.id);
  });

  it('does not stand in for the run that has the same idempotency key', async () => {
    const house = aHouse();
    const web = house.hypervisor.add({ id: 'web' });
    const first = await house.run('vm.start', web, { ...plan, idempotencyKey: 'k' });
    const again = await house.run('vm.start', web, { ...plan, idempotencyKey: 'k' });
    const run = await house.run('vm.start', web, { idempotencyKey: 'k' });
    assert.equal(again.id, first.id);
    assert.deepEqual([run.state, house.hypervisor.applied], ['succeeded', ['start web']]);
  });

  it('that a crash left queued is planned after the restart, and still changes nothing', async () => {
    const house = new House();
    const target = house.hypervisor.add({ id: 'web' });
    const { id } = house.store.journal.insert(anOperation({ ...plan, target, queuedAt: Date.now() }));
    house.connect();
    house.operations.start();
    const operation = await house.operations.finished(id);
    assert.deepEqual([operation.state, operation.why[0]?.rule], ['planned', 'restart-queued']);
    assert.deepEqual(house.hypervisor.applied, []);
  });

  it('of an action that does not say what it changes is honest about it', async () => {
    const { plan: _plan, undo: _undo, ...start } = new ActionRegistry().get('vm.start');
    const house = aHouse({ actions: [start] });
    const { result } = await house.run('vm.start', house.hypervisor.add({ id: 'web' }), plan);
    assert.equal(result?.sentence, 'vm.start of web would be done; what it changes, the action does not say.');
    assert.deepEqual(result?.undo, { none: 'The action does not say how it could be taken back.' });
    assert.deepEqual(house.hypervisor.applied, []);
  });

  it('never calls run', async () => {
    const start = new ActionRegistry().get('vm.start');
    const house = aHouse({ actions: [{ ...start, run: () => assert.fail('it ran') }] });
    assert.equal((await house.run('vm.start', house.hypervisor.add({ id: 'web' }), plan)).state, 'planned');
  });
});

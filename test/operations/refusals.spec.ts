import assert from 'node:assert/strict';
import { VirtflowError } from '../../lib/model/errors.ts';
import type { Guard } from '../../lib/operations/guard.ts';
import { isError } from '../access/fixtures.ts';
import { aHouse, closeHouses } from './house.ts';

const why = [{ rule: 'budget', says: 'It is used up.', used: 5 }];
const refuses: Guard = {
  pass: () => {
    throw new VirtflowError('HYPERVISOR_BUSY', { reason: 'the test says so', why });
  },
};

describe('what was asked for and refused', () => {
  afterEach(closeHouses);

  it('stands in the history of its object, never begun, with its error', async () => {
    const house = aHouse();
    const web = house.hypervisor.add({ id: 'web', name: 'web-01' });
    await assert.rejects(house.submit('vm.reset', web), isError('STATE_FORBIDS'));
    const [operation, ...others] = house.operations.history({ object: web });
    assert.equal(others.length, 0);
    assert.ok(operation);
    assert.equal(operation.state, 'refused');
    assert.equal(operation.targetName, 'web-01');
    assert.equal(operation.error?.code, 'STATE_FORBIDS');
    assert.deepEqual([operation.startedAt, operation.sent], [null, []]);
    assert.deepEqual(
      house.events.map(({ type }) => type),
      ['ended'],
    );
  });

  it('keeps the facts that it was decided on', async () => {
    const house = aHouse({ guards: [refuses] });
    await assert.rejects(house.submit('vm.start', house.hypervisor.add({ id: 'web' })), isError('HYPERVISOR_BUSY'));
    assert.deepEqual(house.operations.history({})[0]?.why, why);
  });

  it('is counted, not recorded again, when the same is asked for again and again', async () => {
    const house = aHouse();
    const web = house.hypervisor.add({ id: 'web' });
    for (let time = 0; time < 9; time += 1) await assert.rejects(house.submit('vm.reset', web));
    await assert.rejects(house.submit('vm.pause', web));
    const [pause, reset, ...others] = house.operations.history({ object: web });
    assert.equal(others.length, 0);
    assert.equal(pause?.action, 'vm.pause');
    assert.equal(reset?.result?.times, 8);
  });

  it('is not recorded when it was only planned, or could not be read', async () => {
    const house = aHouse();
    const web = house.hypervisor.add({ id: 'web' });
    await assert.rejects(house.submit('vm.reset', web, { mode: 'plan' }));
    await assert.rejects(house.submit('vm.start', web, { parameters: { odd: 1 } }));
    await assert.rejects(house.submit('vm.start', { ...web, id: 'nobody' }));
    assert.deepEqual(house.operations.history({}), []);
  });

  it('is refused all the same when it cannot be recorded', async () => {
    const house = aHouse();
    const web = house.hypervisor.add({ id: 'web' });
    house.store.journal.insert = () => {
      throw new VirtflowError('STORE_FULL', { path: 'state.db' });
    };
    await assert.rejects(house.submit('vm.reset', web), isError('STATE_FORBIDS'));
  });
});

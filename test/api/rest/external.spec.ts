import assert from 'node:assert/strict';
import { RestHouse } from './house.ts';

describe('what others began at the hypervisor, over REST', () => {
  let house: RestHouse;
  before(async () => {
    house = await RestHouse.open();
  });
  after(() => house.close());

  it('is among the operations, and is cancelled by who may do that', async () => {
    const { tasks } = house.on.world;
    const vm = house.on.world.vmNamed('web-01');
    const task = tasks.begin({ operation: 'export', vm, cancel: (says) => task.end('cancelled', says) });
    const { body } = await house.ask('/operations?through=external&state=running');
    const [seen] = body.items;
    assert.deepEqual([seen.action, seen.targetName, seen.cancellable], ['external.export', 'web-01', true]);

    const viewer = house.user('vera', [{ effect: 'allow', role: 'viewer', scope: {} }]);
    const path = `/operations/${seen.id}`;
    const refused = await house.ask(`${path}/cancel`, { method: 'POST', token: viewer });
    assert.deepEqual([refused.status, refused.body.code], [403, 'ACCESS_DENIED']);
    assert.equal(tasks.get(task.id)?.state, 'running');

    const told = await house.ask(`${path}/cancel`, { method: 'POST' });
    assert.equal(told.status, 202);
    const ended = await house.ask(`${path}/wait?seconds=30`);
    assert.equal(ended.body.state, 'cancelled');
    assert.equal(ended.body.origin.through, 'external');
    const [cancelling] = (await house.ask('/operations?action=vm.cancel-task')).body.items;
    assert.equal(cancelling.origin.principal, 'root');
  });
});

import assert from 'node:assert/strict';
import helper from 'node-red-node-test-helper';
import vmActions from '../../nodes/vm-actions/vm-actions.ts';
import { House, labNode } from './house.ts';

const tab = { id: 'tab', type: 'tab', label: 'test' };
const other = { id: 'other', type: 'virtflow-connection', name: 'lab', driver: 'simulator', uri: 'simulator:///other' };

describe('a connection node', () => {
  let house: House;
  afterEach(() => house.close());

  it('connects when it is deployed', async () => {
    house = await House.open([], [tab, labNode]);
    assert.deepEqual(
      house.platform.connections.list().map(({ name }) => name),
      ['lab'],
    );
    assert.equal(house.platform.inventory.list({ connection: 'lab', kind: 'vm' }).length, 12);
  });

  it('lives on over a deploy that does not change it', async () => {
    house = await House.open([], [tab, labNode]);
    const before = house.platform.connections.get('lab');
    await helper.setFlows([tab, labNode, { id: 'more', type: 'helper', z: 'tab' }]);
    assert.equal(house.platform.connections.get('lab'), before);
    assert.equal(before.state.phase, 'connected');
  });

  it('is gone after a deploy without it', async () => {
    house = await House.open([], [tab, labNode]);
    const stopped = new Promise<string>((resolve) => {
      house.platform.connections.states.subscribe(({ state }) => resolve(state.phase));
    });
    await helper.setFlows([tab]);
    assert.equal(await stopped, 'stopped');
    assert.deepEqual(house.platform.connections.list(), []);
    assert.deepEqual(house.platform.inventory.list(), []);
  });

  it('is refused when another has its name, and the other goes on', async () => {
    house = await House.open([], [tab, labNode, other]);
    assert.equal(house.platform.connections.list().length, 1);
    assert.equal(house.platform.connections.get('lab').state.phase, 'connected');
  });

  it('does not keep the other nodes from starting when its settings are wrong', async () => {
    const wrong = { ...labNode, id: 'wrong-node', name: 'wrong', uri: 'nonsense' };
    const action = { id: 'action', type: 'virtflow-vm-start', z: 'tab', wires: [[]] };
    house = await House.open([vmActions], [tab, labNode, wrong, action]);
    assert.deepEqual(
      house.platform.connections.list().map(({ name }) => name),
      ['lab'],
    );
    assert.ok(house.node('action'));
  });
});

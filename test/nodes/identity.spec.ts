import assert from 'node:assert/strict';
import operations from '../../nodes/operations/operations.ts';
import type { Message } from '../../nodes/runtime/red.ts';
import vmActions from '../../nodes/vm-actions/vm-actions.ts';
import { House, labNode } from './house.ts';

const runAs = (value: string) => [{ name: 'VIRTFLOW_RUN_AS', value, type: 'str' }];
const list = (...names: string[]) => ({ mode: 'list', names, selector: '', property: 'target' });
const out = { id: 'out', type: 'helper', z: 'tab' };
const caught = { id: 'caught', type: 'catch', z: 'tab', name: '', scope: null, uncaught: false, wires: [['out']] };
const action = { id: 'action', type: 'virtflow-action', z: 'tab', name: '', wires: [['out']] };

const codeOf = ({ error }: Message) => (error as { code?: string } | undefined)?.code;

const sourceOf = ({ status }: Message) => (status as { source?: { id?: string } } | undefined)?.source?.id;

describe('the identity of a flow', () => {
  let house: House;
  afterEach(() => house.close());

  async function open(identity: string, role: string, node: object = action): Promise<void> {
    const tab = { id: 'tab', type: 'tab', label: 'test', env: runAs(identity) };
    house = await House.open([operations, vmActions], [tab, node, out, caught]);
    house.collect('out');
    const { accounts } = house.platform.access;
    accounts.adopt('test', 'vera', [{ effect: 'allow', role: 'operator', scope: {} }], 'no hash');
    accounts.addService('test', 'night-shift', 'vera', [{ effect: 'allow', role, scope: {} }]);
    const { name, driver, uri } = labNode;
    await house.platform.connections.acquire({ name, driver, uri }, 'test').connected();
  }

  it('is the service that its tab names: operations are in its name, and with its rights', async () => {
    await open('night-shift', 'administrator');
    house.node('action').receive({ action: 'vm.pause', target: 'web-01' });
    const { operation } = await house.message();
    const { origin, why } = operation as { origin: object; why: { says: string }[] };
    assert.deepEqual(
      { ...origin, run: '', delivery: '' },
      {
        through: 'flow',
        principal: 'night-shift',
        owner: 'vera',
        node: 'action',
        flow: 'tab',
        run: '',
        delivery: '',
      },
    );
    assert.match(String(why[0]?.says), /^night-shift has the role administrator/);
  });

  it('is never wider than its owner', async () => {
    await open('night-shift', 'administrator');
    house.node('action').receive({ action: 'vm.force-off', target: 'web-01' });
    assert.equal(codeOf(await house.message()), 'ACCESS_DENIED');
  });

  it('must be one that there is', async () => {
    await open('nobody', 'administrator');
    house.node('action').receive({ action: 'vm.pause', target: 'web-01' });
    assert.equal(codeOf(await house.message()), 'IDENTITY_UNKNOWN');
    assert.equal(house.platform.inventory.named('vm', 'web-01')[0]?.power, 'running');
  });

  it('that lacks the right for what a node is configured to do shows beneath it after a deploy', async () => {
    const tab = { id: 'tab', type: 'tab', label: 'test' };
    const states = { id: 'states', type: 'status', z: 'tab', name: '', scope: null, wires: [['out']] };
    const off = { id: 'off', type: 'virtflow-vm-force-off', z: 'tab', name: '', target: list('web-01'), wires: [[]] };
    const pause = { ...off, id: 'pause', type: 'virtflow-vm-pause' };
    const steps = [
      { action: 'vm.pause', target: list('web-01') },
      { action: 'vm.force-off', target: list('web-02') },
    ];
    const group = { id: 'group', type: 'virtflow-group', z: 'tab', name: '', steps, wires: [[]] };
    house = await House.open([operations, vmActions], [tab, out, states]);
    house.collect('out');
    house.platform.access.accounts.grant('test', 'flow', [{ effect: 'allow', role: 'operator', scope: {} }]);
    await house.deploy([tab, out, states, labNode, off, pause, group]);
    for (const id of ['off', 'group']) {
      const { status } = await house.message((message) => sourceOf(message) === id);
      assert.equal((status as { text: string }).text, 'ACCESS_DENIED');
    }
    assert.deepEqual(house.received.map(sourceOf).sort(), ['group', 'off']);
    assert.equal(house.platform.operations.history({}).length, 0);
  });
});

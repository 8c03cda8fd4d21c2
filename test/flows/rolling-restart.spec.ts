import assert from 'node:assert/strict';
import { until } from '../lab/condition.ts';
import { newPlace, RunningVirtflow, VirtflowProcess } from '../server/virtflow-process.ts';
import { redeploy } from './deployment.ts';

interface Told {
  readonly id: string;
  readonly action: string;
  readonly state: string;
  readonly targetName: string;
  readonly mode: string;
  readonly result: { readonly count?: number; readonly text?: string } | null;
}

const flow = 'virtflow-rolling-restart';

describe('the flow of a rolling restart', function () {
  this.timeout(60_000);
  const place = newPlace();
  let virtflow: RunningVirtflow;
  let token: string;

  before(async () => {
    virtflow = await RunningVirtflow.start(place.directory);
    token = (await virtflow.logIn(await virtflow.process.says(/password {2}(\S+)/))) ?? '';
    await redeploy(virtflow, token, (node) => {
      if (node.id === flow) return { ...node, disabled: false };
      // A guest that takes its time to shut down and boot is not what is looked at.
      if (node.id === 'virtflow-demo') return { ...node, uri: 'simulator:///demo?hosts=3&vms=12&speed=100' };
      return node;
    });
    await until('the inventory', async () => {
      const { items } = (await virtflow.get('virtflow/v1/inventory/vms?limit=1', token)) as { items?: unknown[] };
      return items?.[0];
    });
  });

  after(async () => {
    await VirtflowProcess.endAll();
    place.remove();
  });

  async function press(button: string): Promise<void> {
    const headers = { authorization: `Bearer ${token}` };
    // A deploy is answered before its nodes are there.
    const pressed = await until('the button', async () => {
      const answer = await fetch(`${virtflow.url}inject/${flow}-${button}`, { method: 'POST', headers });
      return answer.status === 404 ? undefined : answer.status;
    });
    assert.equal(pressed, 200);
  }

  /** The latest group that a node of the flow had done, once it has ended. */
  async function ended(node: string, mode: string): Promise<Told> {
    const path = `virtflow/v1/operations?node=${flow}-${node}&mode=${mode}&members=false&limit=1`;
    for (;;) {
      const { items } = (await virtflow.get(path, token)) as { items: Told[] };
      const [operation] = items;
      if (operation)
        return (await virtflow.get(`virtflow/v1/operations/${operation.id}/wait?seconds=30`, token)) as Told;
    }
  }

  it('tells the plan of all its steps, each on what the one before would leave', async () => {
    await press('plan');
    const { state, result } = await ended('restart', 'plan');
    assert.equal(state, 'planned');
    assert.match(
      String(result?.text),
      /1\. vm\.shutdown of web-01 [\s\S]*2\. vm\.start of web-01 would change power: halted → running/,
    );
  });

  it('restarts one VM after the other, as one operation', async () => {
    await press('go');
    const { id, action, targetName, state, result } = await ended('restart', 'run');
    assert.deepEqual([action, targetName, state, result?.count], ['group.sequence', 'web tier', 'succeeded', 4]);
    const { items } = (await virtflow.get(`virtflow/v1/operations/${id}/members`, token)) as { items: Told[] };
    assert.deepEqual(
      items.map((one) => `${one.action} ${one.targetName}`),
      ['vm.shutdown web-01', 'vm.start web-01', 'vm.shutdown web-02', 'vm.start web-02'],
    );
  });

  it('resets many at once', async () => {
    await press('reset');
    const { action, state } = await ended('each', 'run');
    assert.deepEqual([action, state], ['group.parallel', 'succeeded']);
  });
});

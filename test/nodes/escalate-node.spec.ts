import assert from 'node:assert/strict';
import alerts from '../../nodes/alerts/alerts.ts';
import type { NodeRed } from '../../nodes/runtime/red.ts';
import { told } from '../alerts/told.ts';
import { House } from './house.ts';

const tab = { id: 'tab', type: 'tab', label: 'test' };
const out = { id: 'out', type: 'helper', z: 'tab' };
const escalate = { id: 'node', type: 'virtflow-escalate', z: 'tab', name: '', minutes: 0, wires: [['out']] };
const caught = { id: 'caught', type: 'catch', z: 'tab', name: '', scope: null, uncaught: false, wires: [['out']] };
const room = 'escalations';

describe('an escalate node', () => {
  let house: House;
  afterEach(() => house.close());

  async function open(minutes: number): Promise<void> {
    house = await House.open([alerts], [tab, { ...escalate, minutes }, out, caught]);
    house.collect('out');
  }

  function begins(name: string) {
    void house.platform.alerts.take(told('firing', name));
    return house.platform.alerts.ongoing().find((one) => one.name === name) ?? assert.fail(name);
  }

  it('sends on what nobody took up, and leaves what was acknowledged, was silenced or is over', async () => {
    await open(0);
    const [known, over, open_] = ['known', 'over', 'open'].map(begins);
    assert.ok(known && over && open_);
    house.platform.alerts.acknowledge(known.id, 'anna');
    void house.platform.alerts.take(told('ok', 'over'));
    for (const alert of [known, over, open_]) house.node('node').receive({ alert, topic: alert.name });
    await house.message();
    assert.deepEqual(
      house.received.map(({ topic }) => topic),
      ['open'],
    );
  });

  it('waits on disk: what was due while it was closed is looked at when it is opened again', async () => {
    await open(60);
    const alert = begins('late');
    house.node('node').receive({ alert, topic: 'late' });
    const { states } = house.platform.store;
    await house.status('node', ({ fill }) => fill === 'yellow');
    await house.redeploy([], []);
    const [kept] = states.list(room);
    assert.ok(kept);
    states.put(room, kept.key, { ...Object(kept.value), due: 0 });
    await house.redeploy([alerts], [tab, { ...escalate, minutes: 60 }, out]);
    house.collect('out');
    assert.equal((await house.message()).topic, 'late');
  });

  it('sends on once what came before it looked for what waits', async () => {
    const minutes = 0.005;
    await open(minutes);
    const alert = begins('early');
    const early = (RED: NodeRed) => {
      const receive = () => house.node('node').receive({ alert, topic: 'early' });
      RED.events.once('flows:started', receive);
    };
    await house.redeploy([early, alerts], [tab, { ...escalate, minutes }, out]);
    house.collect('out');
    house.node('node').receive({ alert: begins('next'), topic: 'next' });
    await house.message(({ topic }) => topic === 'next');
    assert.deepEqual(
      house.received.map(({ topic }) => topic),
      ['early', 'next'],
    );
  });

  it('says so when it is given what is no alert of the list', async () => {
    await open(0);
    house.node('node').receive({ payload: { id: 'cpu/vm/lab/web/1@0', type: 'firing' } });
    const { error } = await house.message();
    assert.equal((error as { code?: string }).code, 'ALERT_UNKNOWN');
  });
});

import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import helper from 'node-red-node-test-helper';
import type { Approval } from '../../lib/approvals/approval.ts';
import approvals from '../../nodes/approvals/approvals.ts';
import vmActions from '../../nodes/vm-actions/vm-actions.ts';
import { turn } from '../calendar/driven-clock.ts';
import { House, labNode } from './house.ts';

const tab = { id: 'tab', type: 'tab', label: 'test' };
const sinks = ['approved', 'denied', 'expired', 'out'].map((id) => ({ id, type: 'helper', z: 'tab' }));
const caught = { id: 'caught', type: 'catch', z: 'tab', name: '', scope: null, uncaught: false, wires: [['out']] };
const gate = (config: object = {}) => ({
  id: 'gate',
  type: 'virtflow-approval',
  z: 'tab',
  name: 'Gate',
  wires: [['approved'], ['denied'], ['expired']],
  ...config,
});

describe('an approval node', () => {
  let house: House | undefined;

  afterEach(async () => {
    await house?.close();
    house = undefined;
  });

  async function open(config: object = {}): Promise<House> {
    house = await House.open([approvals], [tab, gate(config), ...sinks, caught]);
    for (const { id } of sinks) house.collect(id);
    for (const name of ['anna', 'ben']) {
      const grants = [{ effect: 'allow', role: 'operator', scope: {} }] as const;
      house.platform.access.accounts.adopt('test', name, grants, 'no hash');
    }
    return house;
  }

  function asked({ platform }: House): Promise<Approval> {
    return new Promise((resolve) => {
      const stop = platform.approvals.approvals.events.subscribe(({ type, approval }) => {
        if (type !== 'requested') return;
        stop();
        resolve(approval);
      });
    });
  }

  const answer = ({ platform }: House, id: string, name: string, decision: 'grant' | 'deny', form: object = {}) =>
    platform.approvals.approvals.answer(
      id,
      { decision, round: 1, form },
      { who: platform.access.principals.named(name), via: 'rest' },
    );

  it('holds a message until it is approved, and tells who did', async () => {
    const opened = await open({ question: 'payload.text', questionType: 'msg' });
    const pending = asked(opened);
    opened.node('gate').receive({ payload: { text: 'Delete 7 VMs?', n: 7 } });
    const { id, text } = await pending;
    assert.equal(text, 'Delete 7 VMs?');
    assert.deepEqual(opened.received, []);
    await answer(opened, id, 'anna', 'grant');
    const message = await opened.message();
    assert.deepEqual(message.payload, { text: 'Delete 7 VMs?', n: 7 });
    const { state, answers } = message.approval as { state: string; answers: { by: string }[] };
    assert.deepEqual([state, answers[0]?.by], ['granted', 'anna']);
    await turn();
    assert.deepEqual(opened.platform.approvals.gates.of('gate'), []);
  });

  it('sends what is denied to its second output', async () => {
    const opened = await open();
    const pending = asked(opened);
    opened.node('gate').receive({ payload: 1 });
    opened.node('denied').on('input', () => {});
    await answer(opened, (await pending).id, 'anna', 'deny');
    assert.equal(((await opened.message()).approval as { state: string }).state, 'denied');
  });

  it('asks with the form, for two persons and of those whom it names', async () => {
    const form = { type: 'object', properties: { why: { type: 'string', title: 'Why' } }, required: ['why'] };
    const opened = await open({ quorum: '2', accounts: 'anna, ben', minutes: '5', form: JSON.stringify(form) });
    const pending = asked(opened);
    opened.node('gate').receive({ payload: 1 });
    const approval = await pending;
    assert.deepEqual([approval.quorum, approval.ttlSeconds, approval.mayAnswer.accounts], [2, 300, ['anna', 'ben']]);
    await answer(opened, approval.id, 'anna', 'grant', { why: 'a' });
    await answer(opened, approval.id, 'ben', 'grant', { why: 'b' });
    const { answers } = (await opened.message()).approval as { answers: { form: object }[] };
    assert.deepEqual(
      answers.map((one) => one.form),
      [{ why: 'a' }, { why: 'b' }],
    );
  });

  it('withdraws what it asked for when it is told to', async () => {
    const opened = await open();
    const pending = asked(opened);
    opened.node('gate').receive({ payload: 1 });
    const { id } = await pending;
    const over = opened.status('gate', ({ text }) => !text);
    opened.node('gate').receive({ cancel: true });
    await over;
    assert.equal(opened.platform.approvals.approvals.get(id).state, 'withdrawn');
    assert.deepEqual(opened.received, []);
  });

  it('stays down with a form that is none', async () => {
    const opened = await open({ form: '{"type": "object"' });
    opened.node('gate').receive({ payload: 1 });
    const { error } = (await opened.message()) as { error: { code: string } };
    assert.equal(error.code, 'APPROVAL_POLICY_INVALID');
  });

  it('refuses what it cannot keep', async () => {
    const opened = await open();
    opened.node('gate').receive({ payload: 'x'.repeat(300_000) });
    const { error } = (await opened.message()) as { error: { code: string } };
    assert.equal(error.code, 'APPROVAL_MESSAGE_TOO_LARGE');
  });

  it('lets go what was answered while its flow was not there', async () => {
    const opened = await open();
    const pending = asked(opened);
    opened.node('gate').receive({ payload: 'kept' });
    const { id } = await pending;
    await helper.unload();
    await answer(opened, id, 'anna', 'grant');
    await helper.load([approvals], [tab, gate(), ...sinks, caught]);
    for (const { id: sink } of sinks) opened.collect(sink);
    assert.equal((await opened.message()).payload, 'kept');
  });
});

describe('an action node', () => {
  let house: House | undefined;

  afterEach(async () => {
    await house?.close();
    house = undefined;
  });

  async function start(approval: string): Promise<House> {
    const node = { id: 'do', type: 'virtflow-vm-start', z: 'tab', approval, wires: [['out']] };
    house = await House.open([vmActions], [tab, labNode, node, ...sinks, caught]);
    house.collect('out');
    return house;
  }

  const halted = ({ platform }: House) =>
    platform.inventory.list({ kind: 'vm' }).find(({ power }) => power === 'halted')?.id;

  it('that asks always is approved first', async () => {
    const opened = await start('always');
    const { approvals: room } = opened.platform.approvals;
    const pending = new Promise<Approval>((resolve) => room.events.subscribe(({ approval }) => resolve(approval)));
    opened.node('do').receive({ target: halted(opened) });
    const { id, policy } = await pending;
    assert.equal(policy, 'on request');
    const who = opened.platform.access.principals.named('mqtt');
    await room.answer(id, { decision: 'grant', round: 1 }, { who, via: 'mqtt' });
    const { operation } = (await opened.message()) as { operation: { state: string } };
    assert.equal(operation.state, 'succeeded');
  });

  it('that asks never does not get around a policy that cannot be waived', async () => {
    const opened = await start('never');
    const { approvals: room, policies } = opened.platform.approvals;
    writeFileSync(policies.path, JSON.stringify({ policies: [{ name: 'all', actions: ['*'] }] }));
    const pending = new Promise<Approval>((resolve) => room.events.subscribe(({ approval }) => resolve(approval)));
    opened.node('do').receive({ target: halted(opened) });
    assert.equal((await pending).policy, 'all');
  });
});

import assert from 'node:assert/strict';
import { defaultMqttSettings } from '../../lib/api/mqtt/settings.ts';
import type { Operation } from '../../lib/operations/operation.ts';
import { MqttHouse } from './mqtt-house.ts';
import type { Heard, MqttListener } from './mqtt-listener.ts';

describe('groups over MQTT', () => {
  let house: MqttHouse;
  let listener: MqttListener;

  before(async () => {
    house = new MqttHouse(defaultMqttSettings);
    await house.open();
    listener = await (await house.listener()).subscribe('virtflow/reply/#');
  });

  after(async () => {
    await house.close();
    house.remove();
  });

  async function command(verb: string, correlationId: string, payload: object): Promise<Heard> {
    const from = listener.heard.length;
    await listener.publish(`virtflow/command/${verb}`, { ...payload, correlationId });
    const isAnswer = ({ body }: Heard) => body?.correlationId === correlationId && body.type !== 'accepted';
    return listener.find((heard) => listener.heard.indexOf(heard) >= from && isAnswer(heard));
  }

  // What came as JSON is what was sent: the view of an operation.
  const operationOf = ({ body }: Heard) =>
    (body?.operations as Operation[] | undefined)?.[0] ?? assert.fail(JSON.stringify(body));
  const codeOf = ({ body }: Heard) => errorIn(body?.error);

  it('are done once, however often their command comes, and taken back once', async () => {
    const vm = house.vm('running');
    const group = {
      title: 'there and back',
      order: 'sequence',
      onError: 'roll-back',
      steps: [
        { action: 'vm.pause', target: vm.name, weight: 2 },
        { action: 'vm.resume', target: { selector: `name = '${vm.name}'` } },
        { action: 'vm.pause', target: vm.id },
      ],
    };
    const first = await command('group', 'group-1', group);
    const done = operationOf(first);
    assert.deepEqual([done.action, done.state, done.result?.count], ['group.sequence', 'succeeded', 3]);
    assert.equal(operationOf(await command('group', 'group-1', group)).id, done.id);
    assert.equal(codeOf(await command('vm.pause', 'group-1', { target: vm.name })), 'IDEMPOTENCY_KEY_REUSED');

    const planned = operationOf(await command('undo', 'undo-plan', { operation: done.id, plan: true }));
    assert.equal(planned.state, 'planned');
    const undone = operationOf(await command('undo', 'undo-1', { operation: done.id }));
    assert.deepEqual([undone.undoes, undone.state], [done.id, 'succeeded']);
    assert.equal(operationOf(await command('undo', 'undo-1', { operation: done.id })).id, undone.id);
    assert.equal(codeOf(await command('undo', 'undo-2', { operation: done.id })), 'UNDO_IMPOSSIBLE');
  });

  it('are tried again where they failed', async () => {
    const [vm] = house.vms('running');
    assert.ok(vm);
    const steps = [
      { action: 'vm.pause', target: vm.name },
      { action: 'vm.restore', target: vm.name },
    ];
    const partial = operationOf(await command('group', 'group-2', { onError: 'continue', steps }));
    assert.equal(partial.state, 'partial');
    const again = operationOf(await command('retry', 'retry-1', { operation: partial.id }));
    assert.deepEqual([again.retries, again.result?.count], [partial.id, 1]);
    assert.equal(operationOf(await command('retry', 'retry-1', { operation: partial.id })).id, again.id);
  });

  it('are only planned when that is asked for', async () => {
    const { name } = house.vm('running');
    const steps = [
      { action: 'vm.shutdown', target: name },
      { action: 'vm.start', target: name },
    ];
    const { state, result } = operationOf(await command('group', 'group-plan', { steps, plan: true }));
    assert.equal(state, 'planned');
    assert.match(String(result?.text), /2\. vm\.start of .* power: halted → running/);
    assert.equal(
      house.vms('running').some((vm) => vm.name === name),
      true,
    );
  });

  it('are cancelled with what they have under way', async () => {
    const { name } = house.vm('running');
    const steps = [{ action: 'vm.shutdown', target: name, parameters: { waitSeconds: 600 } }];
    await listener.publish('virtflow/command/group', { steps, correlationId: 'group-3' });
    const accepted = await listener.on('virtflow/reply/group-3', ({ body }) => body?.type === 'accepted');
    const ended = operationOf(await command('cancel', 'cancel-1', { operation: operationOf(accepted).id }));
    assert.ok(['cancelled', 'succeeded'].includes(ended.state), ended.state);
  });

  const odd: readonly [what: string, verb: string, payload: object, code: string][] = [
    ['a group without steps', 'group', {}, 'GROUP_INVALID'],
    ['a group with something unknown', 'group', { steps: [], members: [] }, 'GROUP_INVALID'],
    ['a step with an unknown action', 'group', { steps: [{ action: 'vm.fly', target: 'x' }] }, 'ACTION_UNKNOWN'],
    ['a step with an unknown target', 'group', { steps: [{ action: 'vm.start', target: 'x' }] }, 'OBJECT_UNKNOWN'],
    ['an undo of nothing', 'undo', {}, 'MESSAGE_INVALID'],
    ['a retry of what nobody knows', 'retry', { operation: 'nothing' }, 'OPERATION_UNKNOWN'],
    ['a cancel with parameters', 'cancel', { operation: 'nothing', parameters: {} }, 'MESSAGE_INVALID'],
    ['a limit that is none', 'group', { steps: [], limit: 0 }, 'GROUP_INVALID'],
  ];
  for (const [what, verb, payload, code] of odd) {
    it(`refuse ${what}`, async () => {
      assert.equal(codeOf(await command(verb, `odd ${what}`, payload)), code);
    });
  }
});

function errorIn(error: unknown): unknown {
  return typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined;
}

import assert from 'node:assert/strict';
import type { AccountGrant } from '../../lib/access/account.ts';
import { readToken } from '../../lib/access/token-text.ts';
import { VirtflowError } from '../../lib/model/errors.ts';
import { refOf } from '../../lib/model/reference.ts';
import type { Operation, Origin } from '../../lib/operations/operation.ts';
import { PlatformOnSimulator } from '../platform-on-simulator.ts';
import { isError } from './fixtures.ts';

const alice: Origin = { through: 'rest', principal: 'alice' };
const as = (role: string, about: Partial<AccountGrant> = {}): AccountGrant => ({
  effect: 'allow',
  role,
  scope: {},
  ...about,
});

describe('operations under access', () => {
  let house: PlatformOnSimulator;

  beforeEach(async () => {
    house = await PlatformOnSimulator.start();
    house.platform.access.accounts.adopt('test', 'alice', [as('operator')], 'no hash');
  });
  afterEach(() => house.stop());

  const vmWith = (power: string) => {
    const vm = house.platform.inventory.list({ kind: 'vm' }).find((one) => one.power === power);
    if (!vm) throw new Error(`no VM is ${power}`);
    return vm;
  };

  function submit(
    action: string,
    about: { origin?: Origin; parameters?: Record<string, unknown> } = {},
  ): Promise<Operation> {
    const target = refOf(vmWith(action === 'vm.start' ? 'halted' : 'running'));
    return house.platform.operations.submit({ action, target, origin: alice, parameters: {}, ...about });
  }

  const entries = () => [...house.platform.access.audit.rows()].map(({ entry }) => JSON.parse(entry));

  it('run for whom they are granted, and carry the rule', async () => {
    const { id, why } = await submit('vm.pause');
    assert.deepEqual(
      why.map(({ rule, says }) => [rule, says]),
      [['access-granted', 'alice has the role operator everywhere.']],
    );
    assert.equal((await house.platform.operations.finished(id)).state, 'succeeded');
  });

  it('are refused before anything else, naming the permission and the rule, and nothing is recorded but that', async () => {
    await assert.rejects(submit('vm.force-off'), (error: unknown) => {
      assert.ok(error instanceof VirtflowError && error.code === 'ACCESS_DENIED');
      assert.match(error.message, /^alice may not do vm\.force-off on lab\/vm\/.*takes the role power-operator/);
      return true;
    });
    await assert.rejects(submit('vm.force-off', { parameters: { odd: 1 } }), isError('ACCESS_DENIED'));
    // What cannot be read is of no interest before rights are, and the second refusal is only counted.
    const [refused, ...others] = house.platform.operations.history({ states: ['refused'], principal: 'alice' });
    assert.deepEqual([refused?.action, refused?.error?.code, others.length], ['vm.force-off', 'ACCESS_DENIED', 0]);
    assert.match(String(refused?.why[0]?.says), /takes the role power-operator/);
    const { what, who, about } = entries().at(-1);
    assert.deepEqual([what, who, about.action], ['operation.refused', 'alice', 'vm.force-off']);
  });

  it('are refused to whom nobody knows', async () => {
    for (const principal of ['nobody', '', 'node-red', '__proto__']) {
      await assert.rejects(submit('vm.pause', { origin: { ...alice, principal } }), isError('ACCESS_DENIED'));
    }
  });

  it('run for flows as the service flow, whose rights can be taken', async () => {
    const origin: Origin = { through: 'flow', principal: 'node-red' };
    await house.platform.operations.finished((await submit('vm.pause', { origin })).id);
    house.platform.access.accounts.grant('test', 'flow', [as('viewer')]);
    await assert.rejects(submit('vm.pause', { origin }), isError('ACCESS_DENIED'));
    house.platform.access.accounts.grant('test', 'mqtt', []);
    const mqtt: Origin = { through: 'mqtt', principal: 'mqtt' };
    await assert.rejects(submit('vm.pause', { origin: mqtt }), isError('ACCESS_DENIED'));
  });

  it('are scoped by a selector over the object', async () => {
    const vm = vmWith('running');
    const scope = { selector: `name = '${vm.name}'` };
    house.platform.access.accounts.grant('test', 'alice', [as('operator', { scope })]);
    const ask = (target: typeof vm) =>
      house.platform.operations.submit({ action: 'vm.pause', target, origin: alice, parameters: {} });
    await house.platform.operations.finished((await ask(vm)).id);
    await assert.rejects(ask({ ...vmWith('running'), id: 'nobody' }), isError('ACCESS_DENIED'));
    await assert.rejects(ask(vmWith('running')), isError('ACCESS_DENIED'));
  });

  it('are asked about again when their turn comes', async () => {
    const { operations, access } = house.platform;
    operations.events.subscribe(({ type }) => {
      if (type === 'queued') access.accounts.grant('test', 'alice', [as('viewer')]);
    });
    const ended = await operations.finished((await submit('vm.pause')).id);
    assert.deepEqual([ended.state, ended.error?.code, ended.startedAt], ['failed', 'ACCESS_DENIED', null]);
  });

  it('are never wider than the token they were asked with, and go with it', async () => {
    const { operations, access } = house.platform;
    const token = (permissions: string[]) =>
      readToken(access.tokens.create('test', { owner: 'alice', label: '', permissions, scope: {}, expiresAt: null }))
        ?.id ?? '';
    await assert.rejects(
      submit('vm.pause', { origin: { ...alice, token: token(['vm.start']) } }),
      isError('ACCESS_DENIED'),
    );
    await assert.rejects(submit('vm.pause', { origin: { ...alice, token: 'f'.repeat(16) } }), isError('TOKEN_INVALID'));
    access.accounts.adopt('test', 'bob', [as('viewer')], 'no hash');
    const stolen: Origin = { through: 'rest', principal: 'bob', token: token(['*']) };
    await assert.rejects(submit('vm.pause', { origin: stolen }), isError('TOKEN_INVALID'));
    assert.equal(entries().at(-1).what, 'operation.refused');

    const id = token(['vm.*']);
    operations.events.subscribe(({ type }) => {
      if (type === 'queued') access.tokens.revoke('test', id);
    });
    const ended = await operations.finished((await submit('vm.pause', { origin: { ...alice, token: id } })).id);
    assert.deepEqual([ended.state, ended.error?.code, ended.sent], ['failed', 'TOKEN_INVALID', []]);
  });

  it('are cancelled by who asked, by who may do the same there, and by who answers for what runs', async () => {
    const { operations, access } = house.platform;
    const ended = await operations.finished((await submit('vm.pause')).id);
    access.accounts.adopt('test', 'bob', [as('viewer')], 'no hash');
    const bob: Origin = { through: 'rest', principal: 'bob' };
    await assert.rejects(operations.requestCancel(ended.id, bob), isError('ACCESS_DENIED'));
    access.accounts.putRole('test', { name: 'watch', permissions: ['operations.operate'] });
    access.accounts.putRole('test', { name: 'pauser', permissions: ['vm.pause'] });
    for (const role of ['watch', 'pauser']) {
      access.accounts.grant('test', 'bob', [as(role)]);
      assert.equal((await operations.requestCancel(ended.id, bob)).id, ended.id);
    }
    access.accounts.grant('test', 'alice', []);
    assert.equal((await operations.requestCancel(ended.id, alice)).id, ended.id);
    await assert.rejects(operations.requestCancel('none', alice), isError('OPERATION_UNKNOWN'));
  });

  it('are not told of by an idempotency key that somebody else used', async () => {
    const { operations, access } = house.platform;
    access.accounts.adopt('test', 'bob', [as('operator')], 'no hash');
    const target = refOf(vmWith('running'));
    const ask = (origin: Origin) =>
      operations.submit({ action: 'vm.reset', target, parameters: {}, origin, idempotencyKey: 'k' });
    const first = await ask(alice);
    assert.equal((await ask(alice)).id, first.id);
    assert.notEqual((await ask({ through: 'rest', principal: 'bob' })).id, first.id);
    const narrow = { owner: 'alice', label: '', permissions: ['vm.start'], scope: {}, expiresAt: null };
    const token = readToken(access.tokens.create('test', narrow))?.id ?? '';
    await assert.rejects(ask({ ...alice, token }), isError('ACCESS_DENIED'));
  });

  it('have each transition in the audit record, which holds', async () => {
    const { id } = await submit('vm.pause');
    await house.platform.operations.finished(id);
    const about = entries().filter((one) => one.about.operation === id);
    assert.deepEqual(
      about.map(({ what, who }) => [what, who]),
      ['queued', 'running', 'succeeded'].map((state) => [`operation.${state}`, 'alice']),
    );
    assert.deepEqual(about[0].about.parameters, {});
    assert.equal(about[2].about.changed, true);
    assert.equal(house.platform.access.audit.verify([]).broken, undefined);
  });

  it('never bring a secret into the audit record', async () => {
    const secret = 'Tr0ub4dor-and-3';
    const definition = `<domain type='test'><name>x</name><graphics type='vnc' passwd='${secret}'/></domain>`;
    const target = { connection: 'lab', kind: 'connection' } as const;
    const origin: Origin = { through: 'flow', principal: 'flow' };
    const define = (text: string) =>
      house.platform.operations.submit({ action: 'vm.define', target, origin, parameters: { definition: text } });
    for (const text of [definition, `${definition}${' '.repeat(500)}`, `password=${secret}`]) {
      const { id } = await define(text);
      await house.platform.operations.finished(id);
    }
    const record = JSON.stringify(entries());
    assert.ok(record.includes('vm.define') && !record.includes(secret));
  });
});

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { VirtflowError } from '../../lib/model/errors.ts';
import type { OperationRequest } from '../../lib/operations/operation.ts';
import { aDoor, aHouse, closeHouses, type House } from './house.ts';

const password = 'pl4nted-hunter2';
/** The test's hypervisor takes a definition for a name. */
const definition = `<domain><graphics passwd='${password}'/></domain>`;
const shown = `${definition.length} characters, not shown`;

function request(more: Partial<OperationRequest> = {}): OperationRequest {
  return {
    action: 'vm.define',
    target: { connection: 'lab', kind: 'connection' },
    parameters: { definition },
    origin: { through: 'test', principal: 'tester' },
    ...more,
  };
}

function filesOf(house: House): string {
  return ['state.db', 'state.db-wal'].map((file) => readFileSync(join(house.directory, file), 'latin1')).join('');
}

describe('a parameter that may hold secrets', () => {
  afterEach(closeHouses);

  it('is given to the hypervisor, and to nobody else', async () => {
    const house = aHouse();
    const submitted = await house.operations.submit(request());
    const ended = await house.operations.finished(submitted.id);
    assert.equal(ended.state, 'succeeded');
    assert.deepEqual(house.hypervisor.applied, [`define ${definition}`]);
    const told = [submitted, ended, house.operations.get(ended.id), ...house.operations.history({}), ...house.events];
    assert.equal(ended.parameters.definition, shown);
    assert.doesNotMatch(JSON.stringify(told.map(withoutResult)), /pl4nted/);
    assert.deepEqual(house.store.states.list('operation-parameters'), []);
  });

  it('is there after a restart, for an operation that had not begun', async () => {
    const house = aHouse({ settings: { parallelPerConnection: 1 } });
    const door = aDoor();
    house.hypervisor.before = () => door.opened;
    await house.submit('vm.start', house.hypervisor.add({ id: 'web' }));
    const { id } = await house.operations.submit(request());
    assert.equal(house.operations.get(id).state, 'queued');
    assert.equal(filesOf(house).includes(password), false);
    house.hypervisor.before = () => undefined;
    const next = house.crash();
    next.connect();
    next.operations.start();
    const ended = await next.operations.finished(id);
    assert.equal(ended.state, 'succeeded', JSON.stringify(ended.error));
    assert.ok(next.hypervisor.applied.includes(`define ${definition}`));
    assert.equal(ended.parameters.definition, shown);
    assert.deepEqual(next.store.states.list('operation-parameters'), []);
  });

  it('that is not kept any more ends the operation with a code, and nothing is sent', async () => {
    const house = aHouse({ settings: { parallelPerConnection: 1 } });
    house.hypervisor.before = () => new Promise(() => undefined);
    await house.submit('vm.start', house.hypervisor.add({ id: 'web' }));
    const { id } = await house.operations.submit(request());
    house.store.states.delete('operation-parameters', id);
    house.hypervisor.before = () => undefined;
    const next = house.crash();
    next.connect();
    next.operations.start();
    const ended = await next.operations.finished(id);
    assert.equal(ended.error?.code, 'OPERATION_INTERRUPTED');
    assert.equal(next.hypervisor.applied.join().includes('define'), false);
  });

  it('is forgotten when nobody recorded its operation', () => {
    const house = aHouse();
    const left = { about: {}, sealed: { key: 1, nonce: '', text: '' } };
    house.store.states.put('operation-parameters', 'left by a crash', left);
    const next = house.crash();
    next.operations.start();
    assert.deepEqual(next.store.states.list('operation-parameters'), []);
  });

  it('is in no error, though the hypervisor repeats it', async () => {
    const house = aHouse();
    house.hypervisor.before = () => {
      throw new VirtflowError('HYPERVISOR_FAILED', { reason: `it cannot read ${password} there`, host: 'h' });
    };
    const { id } = await house.operations.submit(request());
    const { error } = await house.operations.finished(id);
    assert.match(error?.message ?? '', /it cannot read \*\*\* there/);
    assert.doesNotMatch(JSON.stringify(house.events), /pl4nted/);
  });

  it('does not start a second operation under one key, and keeps nothing for it', async () => {
    const house = aHouse();
    const first = await house.operations.submit(request({ idempotencyKey: 'k' }));
    const second = await house.operations.submit(request({ idempotencyKey: 'k' }));
    assert.equal(second.id, first.id);
    await house.operations.finished(first.id);
    assert.deepEqual(house.store.states.list('operation-parameters'), []);
  });
});

/** The test's hypervisor answers a VM whose name is its definition. */
function withoutResult(told: object): object {
  return JSON.parse(JSON.stringify(told, (key, value) => (key === 'result' ? null : value)));
}

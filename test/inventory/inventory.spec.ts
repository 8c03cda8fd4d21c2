import assert from 'node:assert/strict';
import { Inventory, type InventoryFact } from '../../lib/inventory/inventory.ts';
import { aVm } from './fixtures.ts';

describe('inventory', () => {
  function watched(): { inventory: Inventory; facts: string[] } {
    const inventory = new Inventory();
    const facts: string[] = [];
    inventory.changes.subscribe((fact: InventoryFact) => facts.push(`${fact.type} ${fact.object.name}`));
    return { inventory, facts };
  }

  it('tells what was added, changed and removed', () => {
    const { inventory, facts } = watched();
    inventory.apply('lab', { type: 'put', object: aVm({ id: 'web' }) });
    inventory.apply('lab', { type: 'put', object: aVm({ id: 'web', power: 'halted' }) });
    inventory.apply('lab', { type: 'delete', ref: aVm({ id: 'web' }) });
    assert.deepEqual(facts, ['added web', 'changed web', 'removed web']);
  });

  it('removes on a reset what the hypervisor no longer has', () => {
    const { inventory, facts } = watched();
    inventory.apply('lab', { type: 'reset', objects: [aVm({ id: 'web' }), aVm({ id: 'db' })] });
    inventory.apply('lab', { type: 'reset', objects: [aVm({ id: 'db' })] });
    assert.deepEqual(facts, ['added web', 'added db', 'removed web', 'changed db']);
    assert.deepEqual(
      inventory.list({ kind: 'vm' }).map((vm) => vm.name),
      ['db'],
    );
  });

  it('finds an object by its new name after a rename, and no longer by the old one', () => {
    const { inventory } = watched();
    inventory.apply('lab', { type: 'put', object: aVm({ id: '1', name: 'old' }) });
    inventory.apply('lab', { type: 'put', object: aVm({ id: '1', name: 'new' }) });
    assert.equal(inventory.named('vm', 'old').length, 0);
    assert.equal(inventory.named('vm', 'new').length, 1);
  });

  it('forgets all of a connection and leaves the others', () => {
    const { inventory } = watched();
    inventory.apply('lab', { type: 'put', object: aVm({ id: 'web' }) });
    inventory.apply('home', { type: 'put', object: aVm({ id: 'web', connection: 'home' }) });
    inventory.forget('lab');
    assert.deepEqual(
      inventory.list().map((object) => object.connection),
      ['home'],
    );
  });

  it('ignores the removal of what it does not know', () => {
    const { inventory, facts } = watched();
    inventory.apply('lab', { type: 'delete', ref: aVm({ id: 'ghost' }) });
    assert.deepEqual(facts, []);
  });
});

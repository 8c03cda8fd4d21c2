import assert from 'node:assert/strict';
import { Selections } from '../../lib/alerts/selections.ts';
import { Inventory } from '../../lib/inventory/inventory.ts';
import { vmOf } from './house.ts';

describe('what selectors hold for', () => {
  const text = "'web' in tags";
  const vms = ['one', 'other'].map((name) => vmOf(name, null, ['web']));

  it('is known of what vanished, as long as somebody asks for it', async () => {
    const inventory = new Inventory();
    const selections = new Selections(inventory);
    for (const object of vms) inventory.apply('lab', { type: 'put', object });
    await selections.learn([text], vms);
    inventory.apply('lab', { type: 'reset', objects: [] });
    const known = () => vms.map((vm) => selections.selected(text, vm));
    assert.deepEqual(known(), [true, true]);
    selections.keep([text], vms.slice(0, 1));
    assert.deepEqual(known(), [true, false]);
    selections.keep([], vms);
    assert.deepEqual(known(), [false, false]);
  });
});

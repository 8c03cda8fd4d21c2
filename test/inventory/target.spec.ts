import assert from 'node:assert/strict';
import { Inventory } from '../../lib/inventory/inventory.ts';
import { resolveTarget } from '../../lib/inventory/target.ts';
import type { VirtflowError } from '../../lib/model/errors.ts';
import { formatRef, refOf } from '../../lib/model/reference.ts';
import { aVm } from './fixtures.ts';

describe('target', () => {
  const inventory = new Inventory();
  const web = aVm({ id: 'u-1', name: 'web', tags: ['web'] });
  const db = aVm({ id: 'u-2', name: 'db', power: 'halted' });
  const twin = aVm({ id: 'u-3', name: 'db', connection: 'home' });
  const slashed = aVm({ id: 'u-4', name: 'lab/odd' });
  for (const vm of [web, db, twin, slashed]) inventory.apply(vm.connection, { type: 'put', object: vm });

  const find = async (target: unknown, connection?: string) =>
    (await resolveTarget(inventory, target, { kind: 'vm', connection })).map((vm) => vm.id);

  for (const [what, target] of [
    ['a name', 'web'],
    ['an id', 'u-1'],
    ['connection/name', 'lab/web'],
    ['connection/kind/id', formatRef(web)],
    ['a reference', refOf(web)],
    ['a whole object', web],
    ['a list', ['web', 'u-1']],
    ['a selector', { selector: "'web' in tags" }],
  ] as const) {
    it(`may be ${what}`, async () => assert.deepEqual(await find(target), ['u-1']));
  }

  it('may be a name that is unique on the connection asked for', async () => {
    assert.deepEqual(await find('db', 'home'), ['u-3']);
    assert.deepEqual(await find('home/db'), ['u-3']);
  });

  it('takes a name with a slash for a name first', async () => assert.deepEqual(await find('lab/odd'), ['u-4']));

  it('matches what JSONata takes for true: a pattern that is found, a list that is not empty', async () => {
    assert.deepEqual(await find({ selector: 'name ~> /^we/' }), ['u-1']);
    assert.deepEqual(await find({ selector: "tags[$ = 'web']" }), ['u-1']);
    assert.deepEqual(await find({ selector: 'disks' }), []);
  });

  it('may be a selector that matches nothing', async () => {
    assert.deepEqual(await find({ selector: "power = 'crashed'" }), []);
  });

  for (const [what, target, code] of [
    ['nothing', undefined, 'TARGET_MISSING'],
    ['an empty text', '', 'TARGET_MISSING'],
    ['a name nobody has', 'wbe', 'OBJECT_UNKNOWN'],
    ['a name that two have', 'db', 'OBJECT_AMBIGUOUS'],
    ['a number', 7, 'TARGET_INVALID'],
    ['an object without meaning', { name: 'web' }, 'TARGET_INVALID'],
    ['a list in a list', [['web']], 'TARGET_INVALID'],
    ['a reference to another kind', { connection: 'lab', kind: 'host', id: 'u-1' }, 'TARGET_INVALID'],
    ['a selector that is no text', { selector: 7 }, 'TARGET_INVALID'],
    ['a selector that does not parse', { selector: 'power = ' }, 'SELECTOR_INVALID'],
    ['a selector that fails', { selector: '$uppercase(7)' }, 'SELECTOR_INVALID'],
    ['a selector that never ends', { selector: '($f := function($n) { $f($n + 1) }; $f(0))' }, 'SELECTOR_INVALID'],
  ] as const) {
    it(`refuses ${what} with ${code}`, async () => {
      await assert.rejects(find(target), (error: { code?: string }) => error.code === code);
    });
  }

  it('names what there is when a name is unknown', async () => {
    await assert.rejects(find('wbe'), (error: VirtflowError) => /\bweb\b/.test(error.advice));
  });

  it('names those of the connection that was given', async () => {
    await assert.rejects(find('lab/wbe'), (error: VirtflowError) => /connection "lab" has .*web/.test(error.advice));
    await assert.rejects(find('lba/web'), (error: VirtflowError) => /there is .*lab\/web/.test(error.advice));
  });
});

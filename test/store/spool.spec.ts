import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { VirtflowError } from '../../lib/model/errors.ts';
import { Spool } from '../../lib/store/spool.ts';

describe('the spool', () => {
  let directory = '';
  const opened: Spool[] = [];

  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'spool-'));
  });

  afterEach(() => {
    for (const spool of opened.splice(0)) spool.close();
    rmSync(directory, { recursive: true });
  });

  function open(limitBytes = 1_000_000): Spool {
    const spool = new Spool(join(directory, 'spool.sqlite'), limitBytes);
    opened.push(spool);
    return spool;
  }

  const bodies = (spool: Spool, items = 100) => spool.peek(items).map((entry) => entry.body);

  it('hands out what was put, in order, until it is removed', () => {
    const spool = open();
    spool.put([
      { items: 2, body: 'a' },
      { items: 2, body: 'b' },
    ]);
    spool.put([{ items: 1, body: 'c' }]);
    assert.deepEqual(bodies(spool), ['a', 'b', 'c']);
    assert.deepEqual(bodies(spool, 4), ['a', 'b']);
    assert.deepEqual(bodies(spool, 1), ['a']);
    spool.remove(spool.peek(4));
    assert.deepEqual(bodies(spool), ['c']);
    assert.equal(spool.items, 1);
    assert.equal(spool.bytes, 1);
  });

  it('still has it after it was closed and opened', () => {
    const first = open();
    first.put([{ items: 3, body: 'kept' }]);
    first.close();
    first.close();
    const second = open();
    assert.equal(second.items, 3);
    assert.deepEqual(bodies(second), ['kept']);
  });

  it('over its limit gives up the oldest and says how many, but nothing that is under way', () => {
    const spool = open(30);
    for (const body of ['first-----', 'second----', 'third-----']) assert.equal(spool.put([{ items: 5, body }]), 0);
    const underWay = spool.peek(1);
    assert.equal(spool.put([{ items: 7, body: 'fourth----' }]), 5);
    assert.deepEqual(bodies(spool), ['first-----', 'third-----', 'fourth----']);
    spool.remove(underWay);
    assert.deepEqual(bodies(spool), ['third-----', 'fourth----']);
    assert.equal(spool.items, 12);
  });

  it('refuses a file that is no spool, and leaves it as it is', () => {
    writeFileSync(join(directory, 'spool.sqlite'), 'this is not a database, whatever its name says'.repeat(100));
    assert.throws(open, (error) => error instanceof VirtflowError && error.code === 'STORE_BROKEN');
  });
});

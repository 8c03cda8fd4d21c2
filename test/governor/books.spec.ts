import assert from 'node:assert/strict';
import type { Member } from '../../lib/governor/rule-book.ts';
import { aMember, ask, aUse, booksOf, step } from './uses.ts';

const minute = 60_000;
const deletes = { id: 'deletes', type: 'budget', actions: ['destructive'], limit: 2, window: '10m' };

function around(members: readonly Member[]) {
  return { members: () => members };
}

describe('a budget', () => {
  it('is used up by what was let through, and frees when the window has passed over the oldest', () => {
    const books = booksOf(deletes);
    books.note(step('let', aUse(), 0));
    books.note(step('let', aUse(), minute));
    const finding = books.judge(ask(aUse(), 2 * minute));
    assert.equal(finding?.code, 'GOVERNOR_BUDGET');
    assert.deepEqual([finding.used, finding.limit, finding.freesAt], [2, 2, 10 * minute]);
    assert.equal(books.judge(ask(aUse(), 10 * minute)), undefined);
  });

  it('gets back what never began, and what is not of its actions does not use it', () => {
    const books = booksOf(deletes);
    const [one, other] = [aUse(), aUse()];
    for (const use of [one, other]) books.note(step('let', use, 0));
    books.note(step('ended', other, 1, { began: false, failed: true }));
    books.note(step('let', aUse({ action: { id: 'vm.start', danger: 'none' } }), 1));
    assert.equal(books.judge(ask(aUse(), 2)), undefined);
  });

  it('counts what has lined up when somebody asks, but not at a turn', () => {
    const books = booksOf(deletes);
    const [one, other] = [aUse(), aUse()];
    for (const use of [one, other]) books.note(step('lined-up', use, 0));
    assert.equal(books.judge(ask(aUse(), 1, { moment: 'asked' }))?.used, 2);
    assert.equal(books.judge(ask(one, 1)), undefined);
  });

  it('is kept for each connection, host, object, flow, principal or action apart', () => {
    const differing = {
      connection: { connection: 'other' },
      host: { host: 'lab/host/two' },
      object: { object: 'lab/vm/another' },
      flow: { flow: 'flow-2' },
      principal: { principal: 'mqtt' },
      action: { action: { id: 'snapshot.delete', danger: 'destructive' } },
    } as const;
    for (const [per, other] of Object.entries(differing)) {
      const books = booksOf({ ...deletes, limit: 1, per });
      const use = aUse({ object: 'lab/vm/same' });
      books.note(step('let', use, 0));
      assert.ok(books.judge(ask(aUse({ object: 'lab/vm/same' }), 1)), per);
      assert.equal(books.judge(ask(aUse({ object: 'lab/vm/same', ...other }), 1)), undefined, per);
    }
  });

  it('does not stop what takes something back, though it counts it, unless it says so', () => {
    const undo = () => aUse({ undoes: true });
    const [kind, strict] = [booksOf(deletes), booksOf({ ...deletes, exemptUndo: false })];
    for (const books of [kind, strict]) for (const use of [undo(), undo()]) books.note(step('let', use, 0));
    assert.equal(kind.judge(ask(undo(), 1)), undefined);
    assert.equal(kind.judge(ask(aUse(), 1))?.used, 2);
    assert.equal(strict.judge(ask(undo(), 1))?.used, 2);
  });

  it('can be a percentage of the VMs there are', () => {
    const books = booksOf({ ...deletes, limit: undefined, percent: 25 });
    const vms = around(Array.from({ length: 8 }, (_, index) => aMember(String(index), true)));
    books.note(step('let', aUse(), 0));
    assert.equal(books.judge(ask(aUse(), 1, { around: vms })), undefined);
    books.note(step('let', aUse(), 1));
    assert.equal(books.judge(ask(aUse(), 2, { around: vms }))?.limit, 2);
  });
});

describe('a share', () => {
  const rule = { id: 'web', type: 'share', actions: ['power-off'], percent: 25, per: 'host' };
  const off = (id: string) => aUse({ object: `lab/vm/${id}`, action: { id: 'vm.shutdown', danger: 'disruptive' } });
  const fleet = (away: number) => Array.from({ length: 8 }, (_, index) => aMember(String(index), index >= away));

  it('counts what is off and what is worked on', () => {
    const books = booksOf(rule);
    assert.equal(books.judge(ask(off('5'), 0, { around: around(fleet(1)) })), undefined);
    books.note(step('let', off('6'), 0));
    const finding = books.judge(ask(off('5'), 1, { around: around(fleet(1)) }));
    assert.equal(finding?.code, 'GOVERNOR_SHARE');
    assert.deepEqual([finding.used, finding.limit, finding.more], [2, 2, 'of 8 VMs']);
  });

  it('has room again when the work has ended and the VM is up', () => {
    const books = booksOf(rule);
    const [one, other] = [off('5'), off('6')];
    for (const use of [one, other]) books.note(step('let', use, 0));
    assert.ok(books.judge(ask(off('7'), 1, { around: around(fleet(0)) })));
    books.note(step('ended', one, 2));
    assert.equal(books.judge(ask(off('7'), 3, { around: around(fleet(0)) })), undefined);
  });

  it('lets be worked on what is off already, and knows nothing of other hosts', () => {
    const books = booksOf(rule);
    assert.equal(books.judge(ask(off('0'), 0, { around: around(fleet(4)) })), undefined);
    const elsewhere = [...fleet(0), aMember('x', false, 'lab/host/two'), aMember('y', false, 'lab/host/two')];
    assert.equal(books.judge(ask(off('1'), 0, { around: around(elsewhere) })), undefined);
  });
});

describe('a rest', () => {
  it('begins when the action has ended, and is of one object alone', () => {
    const books = booksOf({ id: 'rest', type: 'coolDown', actions: ['vm.*'], for: '60s' });
    const first = aUse({ object: 'lab/vm/web' });
    books.note(step('let', first, 0));
    books.note(step('ended', first, 50_000));
    const finding = books.judge(ask(aUse({ object: 'lab/vm/web' }), 100_000));
    assert.equal(finding?.code, 'GOVERNOR_COOL_DOWN');
    assert.equal(finding.freesAt, 110_000);
    assert.equal(books.judge(ask(aUse({ object: 'lab/vm/db' }), 100_000)), undefined);
    assert.equal(books.judge(ask(aUse({ object: 'lab/vm/web' }), 110_000)), undefined);
  });
});

describe('a breaker', () => {
  const rule = {
    id: 'sick',
    type: 'breaker',
    actions: ['*'],
    failures: 2,
    window: '5m',
    openFor: '1m',
    per: 'connection',
  };
  const fails = (books: ReturnType<typeof booksOf>, at: number, use = aUse()) => {
    books.note(step('let', use, at));
    books.note(step('ended', use, at, { failed: true }));
  };

  it('opens after failures within the window, and tries one operation after a while', () => {
    const books = booksOf(rule);
    fails(books, 0);
    fails(books, 6 * minute);
    assert.equal(books.judge(ask(aUse(), 6 * minute)), undefined);
    fails(books, 7 * minute);
    const finding = books.judge(ask(aUse(), 7.5 * minute));
    assert.equal(finding?.code, 'GOVERNOR_BREAKER_OPEN');
    assert.equal(finding.freesAt, 8 * minute);
    const trial = aUse();
    assert.equal(books.judge(ask(trial, 8 * minute)), undefined);
    books.note(step('let', trial, 8 * minute));
    assert.match(String(books.judge(ask(aUse(), 8 * minute))?.more), /is tried first/);
    books.note(step('ended', trial, 9 * minute));
    assert.equal(books.judge(ask(aUse(), 9 * minute)), undefined);
  });

  it('stays open for as long again when the trial fails, and the next may try when it never began', () => {
    const books = booksOf(rule);
    for (const at of [0, 1]) fails(books, at);
    const trial = aUse();
    books.note(step('let', trial, 2 * minute));
    books.note(step('ended', trial, 2 * minute, { began: false, failed: true }));
    assert.equal(books.judge(ask(aUse(), 2 * minute)), undefined);
    fails(books, 2 * minute);
    assert.equal(books.judge(ask(aUse(), 2.5 * minute))?.freesAt, 3 * minute);
  });

  it('does not open for what was refused or cancelled, nor for another connection', () => {
    const books = booksOf(rule);
    for (const at of [0, 1, 2]) books.note(step('ended', aUse(), at, { began: false, failed: true }));
    for (const at of [0, 1, 2]) fails(books, at, aUse({ connection: 'other' }));
    assert.equal(books.judge(ask(aUse(), 3)), undefined);
  });
});

describe('a storm', () => {
  const rule = { id: 'storm', type: 'storm', submissions: 3, window: '10s', calmFor: '30s', per: 'flow' };
  const submit = (books: ReturnType<typeof booksOf>, at: number, about = {}) => {
    const use = aUse(about);
    books.note(step('submitted', use, at));
    return books.judge(ask(use, at, { moment: 'asked' }));
  };

  it('begins with one submission too many and ends when it was calm for long enough', () => {
    const books = booksOf(rule);
    for (const at of [0, 1_000, 2_000]) assert.equal(submit(books, at), undefined);
    assert.equal(submit(books, 3_000)?.code, 'GOVERNOR_STORM');
    assert.equal(submit(books, 32_000)?.freesAt, 33_000);
    assert.equal(submit(books, 33_000), undefined);
  });

  it('goes on while there are still too many, and leaves other flows alone', () => {
    const books = booksOf(rule);
    for (let at = 0; at < 60_000; at += 1_000) submit(books, at);
    assert.equal(submit(books, 80_000)?.freesAt, 89_000);
    assert.equal(submit(books, 80_000, { flow: 'flow-2' }), undefined);
  });

  it('is not made by a group, which is one submission', () => {
    const books = booksOf(rule);
    for (let at = 0; at < 100; at += 1) assert.equal(submit(books, at, { submission: 'group' }), undefined);
  });
});

describe('what is locked', () => {
  it('refuses everything where it is read-only, and some actions on what is protected; a refusal wins over a wait', () => {
    const books = booksOf(
      { ...deletes, limit: 0, onExceed: 'wait' },
      { id: 'prod', type: 'protect', actions: ['destructive'], selector: "'prod' in tags" },
      { id: 'closed', type: 'readOnly', connection: 'vault-*' },
    );
    const prod = { selectors: new Set(["'prod' in tags"]) };
    assert.equal(books.judge(ask(aUse(), 0))?.outcome, 'wait');
    assert.equal(books.judge(ask(aUse(prod), 0))?.code, 'GOVERNOR_PROTECTED');
    assert.equal(books.judge(ask(aUse({ ...prod, undoes: true }), 0))?.code, 'GOVERNOR_PROTECTED');
    const start = { action: { id: 'vm.start', danger: 'none' as const } };
    assert.equal(books.judge(ask(aUse({ ...prod, ...start }), 0)), undefined);
    assert.equal(books.judge(ask(aUse({ ...start, connection: 'vault-1' }), 0))?.code, 'GOVERNOR_READ_ONLY');
  });

  it('is not in force while it is switched off', () => {
    const books = booksOf({ id: 'closed', type: 'readOnly', enabled: false });
    assert.equal(books.judge(ask(aUse(), 0)), undefined);
  });
});

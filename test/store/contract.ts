import assert from 'node:assert/strict';
import type { TokenRecord } from '../../lib/access/account.ts';
import type { Store } from '../../lib/store/store.ts';
import { anOperation } from './an-operation.ts';

/** What a test needs of an engine. */
export interface Engine {
  /** Opens an empty store. */
  open(): Store;
  /** Closes the store and opens the same one again. */
  reopen(store: Store): Store;
  /** Takes away all that was opened. */
  dispose(): void;
}

/** What every engine of the store holds. */
export function storeContract(engine: Engine): void {
  let store: Store;

  beforeEach(() => {
    store = engine.open();
  });
  afterEach(() => engine.dispose());

  describe('journal', () => {
    it('gives back what was inserted and updated, whole', () => {
      const operation = anOperation({
        parameters: { text: 'ä "quoted" \u0000 \ud83d\ude00', list: [1, { deep: null }] },
        why: [{ rule: 'r', says: 's', more: 1 }],
      });
      assert.equal(store.journal.insert(operation), operation);
      assert.deepEqual(store.journal.get(operation.id), operation);
      const ended = {
        ...operation,
        state: 'failed',
        endedAt: 2_000,
        calls: [{ name: 'c', at: 1, tookMs: 0.5, error: 'no' }],
        sent: [{ name: 'c', at: 1 }],
        error: { code: 'INTERNAL', message: 'm', advice: 'a', details: { n: 1 } },
      } as const;
      store.journal.update(ended);
      store = engine.reopen(store);
      assert.deepEqual(store.journal.get(operation.id), ended);
    });

    it('does not know what was never inserted', () => {
      assert.equal(store.journal.get('none'), undefined);
      assert.equal(store.journal.started('none'), undefined);
    });

    it('answers the first operation of an idempotency key, also after a restart', () => {
      const [first, second, other] = [anOperation(), anOperation(), anOperation()];
      assert.equal(store.journal.insert(first, 'k').id, first.id);
      assert.equal(store.journal.insert(second, 'k').id, first.id);
      assert.equal(store.journal.insert(other).id, other.id);
      store = engine.reopen(store);
      assert.equal(store.journal.insert(second, 'k').id, first.id);
      assert.equal(store.journal.started('k')?.id, first.id);
      assert.equal(store.journal.get(second.id), undefined);
    });

    it('records several operations as one: all of them, or none', () => {
      const [first, second, third] = [anOperation(), anOperation(), anOperation()];
      store.journal.together(() => {
        store.journal.insert(first);
        store.journal.insert(second);
      });
      const broken = () =>
        store.journal.together(() => {
          store.journal.update({ ...first, state: 'running' });
          store.journal.insert(third);
          throw new Error('no');
        });
      assert.throws(broken, /no/);
      store = engine.reopen(store);
      assert.deepEqual(store.journal.get(first.id), first);
      assert.deepEqual(store.journal.get(second.id), second);
      assert.equal(store.journal.get(third.id), undefined);
    });

    it('lists what has not ended, oldest first', () => {
      const old = anOperation({ queuedAt: 1, state: 'running' });
      const young = anOperation({ queuedAt: 2 });
      for (const operation of [young, anOperation({ state: 'succeeded', endedAt: 3 }), old]) {
        store.journal.insert(operation);
      }
      assert.deepEqual(
        store.journal.unfinished().map(({ id }) => id),
        [old.id, young.id],
      );
    });

    it('finds the history by object, connection, action, state and time, newest first', () => {
      const at = (queuedAt: number, about = {}) => anOperation({ queuedAt, ...about });
      const start = at(10);
      const reset = at(20, { action: 'vm.reset', state: 'succeeded', endedAt: 21 });
      const db = at(30, { target: { connection: 'lab', kind: 'vm', id: 'db' } });
      const define = at(40, { target: { connection: 'lab', kind: 'connection' }, action: 'vm.define' });
      const other = at(50, { target: { connection: 'moon', kind: 'vm', id: 'web' } });
      for (const operation of [start, reset, db, define, other]) store.journal.insert(operation);
      const found = (filter: object) => store.journal.history(filter).map(({ id }) => id);
      const ids = (...operations: { id: string }[]) => operations.map(({ id }) => id);
      assert.deepEqual(found({}), ids(other, define, db, reset, start));
      assert.deepEqual(found({ object: start.target }), ids(reset, start));
      assert.deepEqual(found({ connection: 'lab' }), ids(define, db, reset, start));
      assert.deepEqual(found({ action: 'vm.start', connection: 'lab' }), ids(db, start));
      assert.deepEqual(found({ states: ['succeeded', 'failed'] }), ids(reset));
      assert.deepEqual(found({ states: [] }), []);
      assert.deepEqual(found({ since: 20, before: 40 }), ids(db, reset));
      assert.deepEqual(found({ limit: 2 }), ids(other, define));
      assert.deepEqual(found({ limit: 0 }), []);
    });

    it('finds by who asked and through what, and what changed since, and goes on where a page ended', () => {
      const flow = anOperation({ queuedAt: 10, origin: { through: 'flow', principal: 'node-red' } });
      const ended = anOperation({ queuedAt: 20, endedAt: 25, state: 'succeeded' });
      const late = anOperation({ queuedAt: 20, endedAt: 90, state: 'failed' });
      const twin = anOperation({ queuedAt: 20, endedAt: 25 });
      for (const operation of [flow, ended, late, twin]) store.journal.insert(operation);
      const found = (filter: object) => store.journal.history(filter).map(({ id }) => id);
      assert.deepEqual(found({ principal: 'node-red' }), [flow.id]);
      assert.deepEqual(found({ through: 'test' }), [twin.id, late.id, ended.id]);
      assert.deepEqual(found({ changedSince: 26 }), [late.id, flow.id]);
      assert.deepEqual(found({ after: twin }), [late.id, ended.id, flow.id]);
      assert.deepEqual(found({ after: ended, limit: 5 }), [flow.id]);
      assert.deepEqual(found({ after: flow }), []);
    });

    it('answers at most a thousand at once, and a hundred when nothing is said', () => {
      for (let index = 0; index < 1001; index += 1) store.journal.insert(anOperation());
      assert.equal(store.journal.history({}).length, 100);
      assert.equal(store.journal.history({ limit: 5000 }).length, 1000);
    });

    it('forgets ended operations of long ago, and no others', () => {
      const gone = anOperation({ state: 'succeeded', endedAt: 99 });
      const kept = [anOperation({ state: 'succeeded', endedAt: 100 }), anOperation({ queuedAt: 1 })];
      for (const operation of [gone, ...kept]) store.journal.insert(operation);
      assert.equal(store.journal.prune(100), 1);
      assert.equal(store.journal.get(gone.id), undefined);
      assert.deepEqual(store.journal.history({}).length, 2);
    });
  });

  describe('slots', () => {
    it('lets each slot of a schedule be taken once, also after a restart', () => {
      assert.equal(store.slots.take('nightly', 100, 101, 'run'), true);
      assert.equal(store.slots.take('nightly', 100, 102, 'run'), false);
      assert.equal(store.slots.take('weekly', 100, 102, 'missed'), true);
      store = engine.reopen(store);
      assert.equal(store.slots.take('nightly', 100, 103, 'skipped'), false);
    });

    it('tells the latest, and those of a time in their order, at most so many, the latest', () => {
      assert.equal(store.slots.last('nightly'), undefined);
      store.slots.take('nightly', 200, 201, 'run');
      store.slots.take('nightly', 100, 202, 'missed');
      assert.equal(store.slots.last('nightly'), 200);
      const [missed, run] = [
        { schedule: 'nightly', slot: 100, at: 202, outcome: 'missed' },
        { schedule: 'nightly', slot: 200, at: 201, outcome: 'run' },
      ];
      assert.deepEqual(store.slots.between(100, 201, 5), [missed, run]);
      assert.deepEqual(store.slots.between(100, 200, 5), [missed]);
      assert.deepEqual(store.slots.between(100, 201, 1), [run]);
    });

    it('tell why they did not run, in a sentence and in facts', () => {
      const reason = { why: 'An earlier run still went on.', facts: { kind: 'overlap' } };
      store.slots.take('nightly', 100, 101, 'skipped', reason);
      store = engine.reopen(store);
      assert.deepEqual(store.slots.between(0, 200, 5), [
        { schedule: 'nightly', slot: 100, at: 101, outcome: 'skipped', ...reason },
      ]);
      assert.deepEqual([store.slots.isTaken('nightly', 100), store.slots.isTaken('nightly', 101)], [true, false]);
    });

    it('are forgotten when they are old, a few at a time, but for the latest of each schedule', () => {
      for (const slot of [1, 2, 3, 4, 5]) store.slots.take('nightly', slot, slot, 'run');
      store.slots.take('weekly', 1, 1, 'run');
      store.slots.take('weekly', 2, 2, 'asked');
      const left = () => store.slots.between(0, 10, 10).map(({ schedule, slot }) => `${schedule} ${slot}`);
      store.slots.prune(5, 2);
      assert.equal(left().length, 5);
      for (let round = 0; round < 3; round += 1) store.slots.prune(10, 2);
      assert.deepEqual(left().toSorted(), ['nightly 5', 'weekly 1', 'weekly 2']);
      assert.equal(store.slots.last('weekly'), 1);
    });
  });

  describe('states', () => {
    it('are replaced whole, listed by room and deleted', () => {
      assert.equal(store.states.get('rules', 'cpu'), undefined);
      store.states.put('rules', 'cpu', { state: 'firing', since: 1 });
      store.states.put('rules', 'cpu', { state: 'resolved' });
      store.states.put('rules', 'disk', null);
      store.states.put('topics', 'cpu', 'x');
      store = engine.reopen(store);
      assert.deepEqual(store.states.get('rules', 'cpu'), { state: 'resolved' });
      assert.deepEqual(store.states.list('rules'), [
        { key: 'cpu', value: { state: 'resolved' } },
        { key: 'disk', value: null },
      ]);
      store.states.delete('rules', 'cpu');
      store.states.delete('rules', 'cpu');
      assert.equal(store.states.get('rules', 'cpu'), undefined);
      assert.equal(store.states.get('topics', 'cpu'), 'x');
    });
  });

  describe('accounts and roles', () => {
    const ann = { name: 'ann', kind: 'user', grants: [], password: 'hash', createdAt: 1 } as const;

    it('are replaced whole, listed by name and deleted', () => {
      const { accounts, roles } = store.access;
      accounts.put('bob', { ...ann, name: 'bob' });
      accounts.put('ann', ann);
      accounts.put('ann', { ...ann, password: null });
      roles.put('night', { name: 'night', permissions: ['vm.*'] });
      store = engine.reopen(store);
      assert.deepEqual(store.access.accounts.get('ann'), { ...ann, password: null });
      assert.deepEqual(
        store.access.accounts.list().map(({ name }) => name),
        ['ann', 'bob'],
      );
      assert.deepEqual(store.access.roles.list(), [{ name: 'night', permissions: ['vm.*'] }]);
      store.access.accounts.delete('ann');
      store.access.accounts.delete('ann');
      assert.equal(store.access.accounts.get('ann'), undefined);
    });
  });

  describe('tokens', () => {
    const token = (id: string, about: Partial<TokenRecord> = {}): TokenRecord => ({
      id,
      kind: 'api',
      owner: 'ann',
      label: 'ci',
      digest: 'd',
      permissions: ['*'],
      scope: { connection: 'lab' },
      createdAt: 1,
      expiresAt: null,
      usedAt: null,
      ...about,
    });
    const ids = () => store.access.tokens.list().map(({ id }) => id);

    it('are found by their id, oldest first, with when they were used last', () => {
      store.access.tokens.insert(token('b', { createdAt: 2 }));
      store.access.tokens.insert(token('a', { createdAt: 3 }));
      store.access.tokens.used('b', 77);
      store = engine.reopen(store);
      assert.deepEqual(store.access.tokens.get('b'), token('b', { createdAt: 2, usedAt: 77 }));
      assert.equal(store.access.tokens.get('c'), undefined);
      assert.deepEqual(ids(), ['b', 'a']);
    });

    it('are deleted one by one, by owner, by session, and sessions when they have expired', () => {
      const { tokens } = store.access;
      tokens.insert(token('api'));
      tokens.insert(token('old api', { expiresAt: 1 }));
      tokens.insert(token('session', { kind: 'session', expiresAt: 100 }));
      tokens.insert(token('old session', { kind: 'session', expiresAt: 1 }));
      tokens.insert(token('other', { owner: 'bob', kind: 'session', expiresAt: 100 }));
      tokens.prune(50);
      assert.deepEqual(ids().sort(), ['api', 'old api', 'other', 'session']);
      tokens.deleteSessions('ann');
      assert.deepEqual(ids().sort(), ['api', 'old api', 'other']);
      tokens.delete('old api');
      assert.deepEqual(ids().sort(), ['api', 'other']);
      tokens.deleteOf('ann');
      assert.deepEqual(ids(), ['other']);
    });
  });

  describe('the audit record', () => {
    it('grows at its end alone, and knows its head', () => {
      const { audit } = store.access;
      assert.equal(audit.head().sequence, 0);
      const rows = [1, 2, 3].map((sequence) => ({ sequence, entry: `{"n":${sequence}}`, hash: `h${sequence}` }));
      for (const row of rows) audit.append(row);
      assert.throws(() => audit.append({ sequence: 2, entry: '{}', hash: 'x' }));
      store = engine.reopen(store);
      assert.deepEqual(store.access.audit.head(), { sequence: 3, hash: 'h3' });
      assert.deepEqual(store.access.audit.rows(0, 2), rows.slice(0, 2));
      assert.deepEqual(store.access.audit.rows(2, 9), rows.slice(2));
    });
  });

  describe('a transaction', () => {
    it('has all that was written in it, or nothing of it', () => {
      const answer = store.transaction(() => {
        store.states.put('room', 'a', 1);
        return store.transaction(() => {
          store.states.put('room', 'b', 2);
          return 'done';
        });
      });
      assert.equal(answer, 'done');
      const fails = () =>
        store.transaction(() => {
          store.states.put('room', 'a', 3);
          store.journal.insert(anOperation());
          throw new Error('no');
        });
      assert.throws(fails, /no/);
      store = engine.reopen(store);
      assert.deepEqual(
        store.states.list('room').map(({ value }) => value),
        [1, 2],
      );
      assert.deepEqual(store.journal.history({}), []);
    });
  });

  it('can be closed twice', () => {
    store.close();
    store.close();
  });
}

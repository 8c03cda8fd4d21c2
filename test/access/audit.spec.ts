import assert from 'node:assert/strict';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import {
  type AuditHead,
  type AuditRow,
  canonical,
  nextRow,
  noEntries,
  verifyAudit,
} from '../../lib/access/audit/chain.ts';
import { lineOf, rowsOf } from '../../lib/access/audit/export.ts';
import { openSqliteStore } from '../../lib/store/sqlite/sqlite-store.ts';
import { seeded } from '../seeded.ts';
import { AccessHouse } from './fixtures.ts';

function aRecord(length: number): AuditRow[] {
  const rows: AuditRow[] = [];
  let head: AuditHead = noEntries;
  for (let at = 1; at <= length; at += 1) {
    const row = nextRow(head, {
      at,
      what: 'operation.queued',
      who: 'ann',
      about: { vm: `wéb-${at}`, deep: { b: 1, a: [2] } },
    });
    rows.push(row);
    head = row;
  }
  return rows;
}

const last = (rows: readonly AuditRow[]): AuditHead => rows.at(-1) ?? noEntries;
const brokenAt = (rows: Iterable<AuditRow>, ...anchors: AuditHead[]) => verifyAudit(rows, anchors).broken?.sequence;

describe('the chain of the audit record', () => {
  const rows = aRecord(12);

  it('holds when nobody touched it', () => {
    assert.deepEqual(verifyAudit(rows, [last(rows)]).intact, { sequence: 12, hash: last(rows).hash });
    assert.equal(brokenAt(rows, last(rows)), undefined);
    assert.equal(brokenAt([], noEntries), undefined);
  });

  it('is the same for the same content, in whatever order its keys were written', () => {
    assert.equal(canonical({ b: [{ d: 1, c: 2 }], a: null }), '{"a":null,"b":[{"c":2,"d":1}]}');
  });

  it('shows every single byte that is changed, in its export, and where', () => {
    const text = Buffer.from(rows.map((row) => `${lineOf(row)}\n`).join(''));
    const starts = [0, ...[...text.entries()].filter(([, byte]) => byte === 10).map(([at]) => at + 1)];
    const random = seeded(7);
    let missed = 0;
    for (let at = 0; at < text.length; at += 1) {
      const changed = Buffer.from(text);
      changed[at] = (changed[at] ?? 0) ^ (1 << Math.floor(random() * 8));
      const lines = changed.toString().split('\n').slice(0, -1);
      const broken = brokenAt(rowsOf(lines), last(rows));
      const line = starts.filter((start) => start <= at).length;
      // A line end that was changed joins two lines, or the last one is gone.
      if (broken !== line) missed += 1;
    }
    assert.equal(missed, 0);
  });

  it('shows what is left out, put in twice, moved, cut off or written anew', () => {
    for (let at = 0; at < rows.length; at += 1) {
      assert.equal(brokenAt(rows.toSpliced(at, 1), last(rows)), at + 1, 'left out');
      assert.equal(brokenAt(rows.slice(0, at), last(rows)), at + 1, 'cut off');
      const row = rows[at];
      if (row) assert.equal(brokenAt(rows.toSpliced(at, 0, row), last(rows)), at + 2, 'twice');
    }
    const [first, second, ...others] = rows;
    if (first && second) assert.equal(brokenAt([second, first, ...others], last(rows)), 1, 'moved');
    const forged: AuditRow[] = [];
    for (let at = 1; at <= 13; at += 1) {
      forged.push(nextRow(last(forged), { at, what: 'nothing', who: 'nobody', about: {} }));
    }
    assert.equal(brokenAt(forged), undefined);
    assert.equal(brokenAt(forged, { sequence: 5, hash: rows[4]?.hash ?? '' }), 5, 'written anew');
  });
});

describe('the audit record in the store', () => {
  let house: AccessHouse;

  beforeEach(() => {
    house = new AccessHouse();
    for (let index = 0; index < 20; index += 1) house.access.audit.append('test', 'ann', { index });
  });
  afterEach(() => house.close());

  /** Somebody with the file in hand, past the triggers. */
  function tamper(sql: string, ...values: (string | number)[]): void {
    const database = new DatabaseSync(house.storeFile);
    database.exec('drop trigger if exists audit_is_not_changed; drop trigger if exists audit_is_not_deleted');
    database.prepare(sql).run(...values);
    database.close();
  }

  const verdict = () => house.access.audit.verify([house.access.anchor.read() ?? noEntries]);

  it('holds, also over a restart, and when another process writes to it', () => {
    const other = openSqliteStore(house.storeFile);
    house.restart();
    for (let index = 0; index < 5; index += 1) {
      house.access.audit.append('test', 'ann', {});
      other.transaction(() =>
        other.access.audit.append(nextRow(other.access.audit.head(), { at: 1, what: 'x', who: 'bob', about: {} })),
      );
    }
    other.close();
    assert.deepEqual(verdict(), { intact: house.access.audit.head });
    assert.equal(house.access.audit.head.sequence, 31);
  });

  it('refuses to be changed or deleted from', () => {
    const database = new DatabaseSync(house.storeFile);
    assert.throws(() => database.exec("update audit set entry = '{}' where sequence = 3"), /only appended to/);
    assert.throws(() => database.exec('delete from audit'), /only appended to/);
    database.close();
  });

  it('shows the first entry that was changed behind its back', () => {
    tamper("update audit set entry = replace(entry, 'ann', 'eve') where sequence >= 7");
    assert.equal(verdict().broken?.sequence, 7);
    assert.equal(verdict().intact.sequence, 6);
  });

  it('shows that its end was cut off, even with its head put right, by what was noted beside it', () => {
    tamper('delete from audit where sequence > 15');
    assert.equal(house.access.audit.verify([]).broken?.sequence, 16);
    house.access.stop();
    const [row] = house.store.access.audit.rows(14, 1);
    tamper('update audit_head set sequence = 15, hash = ?', row?.hash ?? '');
    assert.equal(house.access.audit.verify([]).broken, undefined);
    assert.equal(verdict().broken?.sequence, 16);
    house.restart();
    assert.match(house.said.join(), /The audit record does not hold/);
    assert.equal(verdict().broken?.sequence, 16);
  });

  it('says at the next start that it is not the one of last time, and keeps the proof', () => {
    house.shut();
    const anchor = readFileSync(join(house.directory, 'audit-anchor.json'), 'utf8');
    for (const suffix of ['', '-wal', '-shm']) rmSync(`${house.storeFile}${suffix}`, { force: true });
    house.restart();
    assert.match(house.said.join(), /The audit record does not hold/);
    house.restart();
    assert.equal(readFileSync(join(house.directory, 'audit-anchor.json'), 'utf8'), anchor);
    assert.notEqual(verdict().broken, undefined);
  });

  it('does not take an anchor that was spoilt for one that holds', () => {
    writeFileSync(join(house.directory, 'audit-anchor.json'), '{"sequence":"x"}');
    assert.equal(house.access.anchor.holds(), false);
    writeFileSync(join(house.directory, 'audit-anchor.json'), 'garbage');
    assert.equal(house.access.anchor.holds(), false);
  });

  it('has a change and its entry together, or neither', () => {
    const { head } = house.access.audit;
    const work = () => {
      house.store.states.put('test', 'x', 1);
      throw new Error('no');
    };
    assert.throws(() => house.access.audit.change(work, 'test', 'ann', {}), /no/);
    assert.equal(house.store.states.get('test', 'x'), undefined);
    assert.deepEqual(house.access.audit.head, head);
  });
});

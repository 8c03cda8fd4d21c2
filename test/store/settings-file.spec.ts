import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { VirtflowError } from '../../lib/model/errors.ts';
import { SettingsFile } from '../../lib/store/settings-file.ts';
import { openSqliteStore } from '../../lib/store/sqlite/sqlite-store.ts';
import type { Store } from '../../lib/store/store.ts';

interface Settings {
  readonly limit: number;
}

function parse(value: unknown): Settings {
  if (typeof value === 'object' && value !== null && 'limit' in value && typeof value.limit === 'number') {
    return { limit: value.limit };
  }
  throw new VirtflowError('PARAMETER_INVALID', { parameter: 'limit', reason: 'it is no number' });
}

describe('a settings file', () => {
  let directory: string;
  let path: string;
  let store: Store;
  let complaints: string[];

  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'virtflow-settings-'));
    path = join(directory, 'limits.json');
    store = openSqliteStore(join(directory, 'state.db'));
    complaints = [];
  });

  afterEach(() => {
    store.close();
    rmSync(directory, { recursive: true });
  });

  const open = () =>
    new SettingsFile<Settings>({
      path,
      parse,
      absent: { limit: 0 },
      unusable: { limit: -1 },
      states: store.states,
      log: { error: (text) => complaints.push(text), warn: assert.fail, info: assert.fail, debug: assert.fail },
    });

  it('that is not there counts as what is meant by that', () => {
    assert.equal(open().current.limit, 0);
    assert.deepEqual(complaints, []);
  });

  it('counts as it is at the moment when it is asked for, and tells of each change', () => {
    const file = open();
    const told: number[] = [];
    file.changes.subscribe(({ now }) => told.push(now.limit));
    writeFileSync(path, '{"limit": 5}');
    assert.equal(file.current.limit, 5);
    writeFileSync(path, '{"limit": 77}');
    assert.equal(file.current.limit, 77);
    rmSync(path);
    assert.equal(file.current.limit, 0);
    assert.deepEqual(told, [5, 77, 0]);
  });

  for (const broken of ['{"limit": ', '{"limit": "many"}', '[]']) {
    it(`that is broken (${broken}) leaves in force what was there before, and says so once`, () => {
      writeFileSync(path, '{"limit": 5}');
      const file = open();
      writeFileSync(path, broken);
      assert.equal(file.current.limit, 5);
      assert.equal(file.current.limit, 5);
      assert.equal(file.problem?.code, 'SETTINGS_FILE_INVALID');
      assert.equal(complaints.length, 1);
      assert.equal(open().current.limit, 5, 'also after a restart');
      writeFileSync(path, '{"limit": 6}');
      assert.equal(file.current.limit, 6);
      assert.equal(file.problem, undefined);
    });
  }

  it('that was never of any use counts as what is meant by that', () => {
    writeFileSync(path, 'nonsense');
    assert.equal(open().current.limit, -1);
  });
});

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { VirtflowError } from '../../lib/model/errors.ts';
import { openDataDirectory } from '../../lib/store/data-directory.ts';

const holder = `
  import { openDataDirectory } from ${JSON.stringify(join(import.meta.dirname, '../../lib/store/data-directory.ts'))};
  openDataDirectory(process.argv[1]);
  process.stdout.write('held');
  setInterval(() => {}, 1000);
`;

describe('the data directory', () => {
  let parent: string;
  let path: string;

  beforeEach(() => {
    parent = mkdtempSync(join(tmpdir(), 'virtflow-data-'));
    path = join(parent, 'deep', 'data');
  });
  afterEach(() => rmSync(parent, { recursive: true, force: true }));

  it('is made where there is none, and nobody else may look in', () => {
    const directory = openDataDirectory(path);
    assert.equal(statSync(path).mode & 0o777, 0o700);
    for (const file of readdirSync(path)) assert.equal(statSync(join(path, file)).mode & 0o077, 0, file);
    directory.release();
    directory.release();
    openDataDirectory(path).release();
  });

  it('is held once, and whoever comes second is told by which process', () => {
    const directory = openDataDirectory(path);
    assert.throws(
      () => openDataDirectory(path),
      (error) =>
        error instanceof VirtflowError &&
        error.code === 'DATA_DIRECTORY_BUSY' &&
        error.details.pid === String(process.pid),
    );
    directory.release();
  });

  it('is free again when its holder was killed', async () => {
    const child = spawn(process.execPath, ['--input-type=module', '-e', holder, path], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    await once(child.stdout, 'data');
    assert.throws(() => openDataDirectory(path), new RegExp(`process ${child.pid}\\)`));
    child.kill('SIGKILL');
    await once(child, 'exit');
    openDataDirectory(path).release();
  });

  it('says why it cannot be used', () => {
    const file = join(parent, 'file');
    writeFileSync(file, '');
    for (const unusable of [file, join(file, 'below'), '/proc/virtflow', '']) {
      assert.throws(
        () => openDataDirectory(unusable),
        (error) => error instanceof VirtflowError && error.code === 'DATA_DIRECTORY_UNUSABLE',
        unusable,
      );
    }
  });
});

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const root = join(import.meta.dirname, '..');
const biome = join(root, 'node_modules/@biomejs/biome/bin/biome');

describe('the linter', () => {
  let directory: string;

  before(() => {
    directory = mkdtempSync(join(tmpdir(), 'virtflow-lint-'));
    copyFileSync(join(root, 'biome.json'), join(directory, 'biome.json'));
  });
  after(() => rmSync(directory, { recursive: true }));

  function lint(source: string): string {
    writeFileSync(join(directory, 'example.ts'), source);
    const run = spawnSync(process.execPath, [biome, 'lint', 'example.ts'], { cwd: directory, encoding: 'utf8' });
    return run.stdout + run.stderr;
  }

  it('rejects a floating promise', () => {
    const floats = 'async function work(): Promise<void> {}\nexport function go(): void {\n  work();\n}\n';
    assert.match(lint(floats), /noFloatingPromises/);
  });

  it('rejects any', () => {
    assert.match(lint('export const x: any = 1;\n'), /noExplicitAny/);
  });

  it('is content with good code', () => {
    assert.match(lint('export const x = 1;\n'), /No fixes applied/);
  });
});

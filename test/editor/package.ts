import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { build } from '../../scripts/build.ts';

const root = join(import.meta.dirname, '../..');
let path: string | undefined;

export interface BuiltPackage {
  readonly path: string;
  /** Whoever asked for it is done with it. It stays for those who come next, and goes with the process. */
  remove(): void;
}

/** The package as it would be installed, in a directory of its own inside the project; built once in a process. */
export function buildPackage(): BuiltPackage {
  path ??= built();
  return { path, remove: () => undefined };
}

function built(): string {
  mkdirSync(join(root, '.tmp'), { recursive: true });
  const directory = mkdtempSync(join(root, '.tmp/package-'));
  process.once('exit', () => rmSync(directory, { recursive: true, force: true }));
  build(join(directory, 'dist'));
  writeFileSync(join(directory, 'package.json'), readFileSync(join(root, 'package.json')));
  return directory;
}

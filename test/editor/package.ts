import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { build } from '../../scripts/build.ts';

const root = join(import.meta.dirname, '../..');

/** The package as it would be installed, built into a directory of its own inside the project. */
export function buildPackage(): { readonly path: string; remove(): void } {
  mkdirSync(join(root, '.tmp'), { recursive: true });
  const path = mkdtempSync(join(root, '.tmp/package-'));
  build(join(path, 'dist'));
  writeFileSync(join(path, 'package.json'), readFileSync(join(root, 'package.json')));
  return { path, remove: () => rmSync(path, { recursive: true, force: true }) };
}

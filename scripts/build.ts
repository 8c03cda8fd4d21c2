import { execFileSync } from 'node:child_process';
import { cpSync, rmSync } from 'node:fs';
import { join, relative } from 'node:path';
import { parseArgs } from 'node:util';
import { generateNodes } from './generate-nodes.ts';

const root = join(import.meta.dirname, '..');
/** Goes to browsers as it is. */
const pages = ['dashboards', 'lib/api/rest/page', 'plugins/editor/alerts-page', 'plugins/editor/client'];

/** Builds into a directory inside the project, for the package's type and its dependencies are found from there. */
export function build(out: string): void {
  rmSync(out, { recursive: true, force: true });
  const compiler = join(root, 'node_modules/typescript/bin/tsc');
  // Types are the linter's business; checking them here again would double the time of `npm start`.
  const options = ['-p', join(root, 'tsconfig.build.json'), '--outDir', out, '--noCheck'];
  execFileSync(process.execPath, [compiler, ...options], { stdio: 'inherit' });
  const isForBrowsers = (path: string) => !/tsconfig\.json$|\.d\.ts$/.test(path);
  for (const page of pages) cpSync(join(root, page), join(out, page), { recursive: true, filter: isForBrowsers });
  generateNodes(out);
}

/** Node-RED offers what it finds in a package's `examples/` in the import dialog of the editor. */
function offerFlows(): void {
  const examples = join(root, 'examples');
  rmSync(examples, { recursive: true, force: true });
  cpSync(join(root, 'flows'), examples, { recursive: true });
}

if (import.meta.main) {
  const { values } = parseArgs({ options: { out: { type: 'string', default: join(root, 'dist') } } });
  const began = performance.now();
  build(values.out);
  offerFlows();
  console.log(`built ${relative(root, values.out)} in ${((performance.now() - began) / 1000).toFixed(1)} s`);
}

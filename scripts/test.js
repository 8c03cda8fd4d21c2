// `npm test`: installs and builds what is missing, checks everything, and ends with a line of counts.
// `npm test -- test/model/errors.spec.ts` runs only those specs, after the same checks.
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { prepare, root, run, step } from './bootstrap.js';

const node = await prepare();
// What the tests start shall find the same Node.js.
process.env.PATH = `${dirname(node)}${delimiter}${process.env.PATH}`;

const program = (...path) => join(root, 'node_modules', ...path);
const compiler = program('typescript', 'bin', 'tsc');
const directory = mkdtempSync(join(tmpdir(), 'virtflow-test-'));
const countsFile = join(directory, 'counts.json');

if (existsSync(join(root, 'test', 'lab', 'install.ts'))) await run(node, ['test/lab/install.ts']);
const checks = [
  await step('Checking style', node, [program('@biomejs', 'biome', 'bin', 'biome'), 'ci']),
  await step('Checking types', node, [compiler, '-p', '.']),
  await step("Checking the editor's types", node, [compiler, '-p', 'plugins/editor/client']),
  await step("Checking the API page's types", node, [compiler, '-p', 'lib/api/rest/page']),
];
const mocha = [program('mocha', 'bin', 'mocha.js'), '--reporter', 'scripts/mocha-reporter.js'];
const specs = process.argv.slice(2);
const mochaCode = await run(node, [...mocha, ...(specs.length > 0 ? specs : ['test/**/*.spec.ts'])], {
  ...process.env,
  VIRTFLOW_TEST_COUNTS: countsFile,
});

const { passes, failures, pending } = counts();
rmSync(directory, { recursive: true });
const failedChecks = checks.filter((code) => code !== 0).length;
const failed = failures + failedChecks;
console.log(`${passes + checks.length - failedChecks} passed, ${failed} failed, ${pending} skipped`);
process.exitCode = failed > 0 || mochaCode !== 0 ? 1 : 0;

/** A mocha that broke off has counted nothing, which is a failure. */
function counts() {
  if (existsSync(countsFile)) return JSON.parse(readFileSync(countsFile, 'utf8'));
  return { passes: 0, failures: 1, pending: 0 };
}

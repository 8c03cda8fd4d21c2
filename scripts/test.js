// `npm test`: installs and builds what is missing, checks everything, and ends with a line of counts.
// `npm test -- test/model/errors.spec.ts` runs only those specs, after the same checks.
// `VIRTFLOW_TEST_JOBS=3 npm test` runs three files of specs at any time side by side.
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
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
const jobs = Number(process.env.VIRTFLOW_TEST_JOBS ?? 1);
const parallel = jobs > 1 ? ['--parallel', '--jobs', String(jobs)] : [];
const mochaCode = await run(node, [...mocha, ...parallel, ...(specs.length > 0 ? specs : allSpecs())], {
  ...process.env,
  VIRTFLOW_TEST_COUNTS: countsFile,
});

const { passes, failures, pending } = counts();
rmSync(directory, { recursive: true });
const failedChecks = checks.filter((code) => code !== 0).length;
const failed = failures + failedChecks;
console.log(`${passes + checks.length - failedChecks} passed, ${failed} failed, ${pending} skipped`);
process.exitCode = failed > 0 || mochaCode !== 0 ? 1 : 0;

/** Those that take long come first, lest one of them is left for the end when several run side by side. */
function allSpecs() {
  const all = readdirSync(join(root, 'test'), { recursive: true }).filter((name) => name.endsWith('.spec.ts'));
  const isLong = (name) => /kill|power-loss|fuzz|^editor|qemu|libvirt.tasks|secret-leaks|^flows/.test(name);
  const [long, short] = [all.filter(isLong), all.filter((name) => !isLong(name))];
  return [...long.sort(), ...short.sort()].map((name) => join('test', name));
}

/** A mocha that broke off has counted nothing, which is a failure. */
function counts() {
  if (existsSync(countsFile)) return JSON.parse(readFileSync(countsFile, 'utf8'));
  return { passes: 0, failures: 1, pending: 0 };
}

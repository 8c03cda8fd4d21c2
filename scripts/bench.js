// `npm run bench`: installs and builds what is missing, then measures; `npm run bench -- --help` tells the options.
// `npm run --silent bench -- --markdown` writes docs/benchmarks.md to standard output.
import { delimiter, dirname } from 'node:path';
import { prepare, run, step } from './bootstrap.js';

// Standard output is for the figures alone.
process.stdout.write = process.stderr.write.bind(process.stderr);
const node = await prepare();
// What the benchmarks start shall find the same Node.js.
process.env.PATH = `${dirname(node)}${delimiter}${process.env.PATH}`;

await step('Getting the lab ready', node, ['test/lab/install.ts', 'libvirt-daemon', 'bench', 'chromium']);
process.exitCode = await run(node, ['test/bench/main.ts', ...process.argv.slice(2)]);

// `npm start`: installs and builds what is missing, then runs virtflow in place of this process.
import { join } from 'node:path';
import { prepare, root, run } from './bootstrap.js';

const node = await prepare();
process.exitCode = await run(node, [join(root, 'dist', 'bin', 'virtflow.js'), ...process.argv.slice(2)]);

import { openSync, writeSync } from 'node:fs';

/** Writes lines and reports each, without ever waiting for the disk. `careless-writer.ts <path>` */
const [path = ''] = process.argv.slice(2);
const file = openSync(path, 'a');
for (let number = 0; ; number += 1) {
  writeSync(file, `${number}\n`);
  writeSync(1, `${number}\n`);
}

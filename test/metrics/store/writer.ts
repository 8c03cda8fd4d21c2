import { join } from 'node:path';
import { BufferedStore } from '../../../lib/metrics/store/buffered-store.ts';
import { DuckDbEngine } from '../../../lib/metrics/store/duckdb/engine.ts';
import { sampleAt } from '../influx-samples.ts';

/** A process that writes until it is killed, and says of each sample that it was accepted: directory, first number. */
const [directory = '', first = '0'] = process.argv.slice(2);
const engine = new DuckDbEngine({ path: join(directory, 'metrics.duckdb'), memoryMiB: 128 });
const store = new BufferedStore('store', engine, { directory: join(directory, 'buffer') });
store.start();
let number = Number(first);
const writeOn = () => {
  store.write([sampleAt(number)]);
  process.stdout.write(`${number}\n`);
  number += 1;
  setImmediate(writeOn);
};
writeOn();

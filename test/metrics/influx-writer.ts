import { InfluxSink } from '../../lib/metrics/influx.ts';
import { sampleAt } from './influx-samples.ts';

/** A process that writes until it is killed, and says of each sample that it was accepted: url, directory, first number. */
const [url = '', directory = '', first = '0'] = process.argv.slice(2);
const sink = new InfluxSink({ name: 'lab', url, database: 'virtflow' }, { directory });
sink.start();
let number = Number(first);
const writeOn = () => {
  sink.write([sampleAt(number)]);
  process.stdout.write(`${number}\n`);
  number += 1;
  setImmediate(writeOn);
};
writeOn();

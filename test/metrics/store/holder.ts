import { DuckDBInstance } from '@duckdb/node-api';

/** A process that has the file open, which no other can then open, until its input ends. */
const instance = await DuckDBInstance.create(process.argv[2]);
process.stdout.write('held\n');
process.stdin.resume().once('end', () => instance.closeSync());

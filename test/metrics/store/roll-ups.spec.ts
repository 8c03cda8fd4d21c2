import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DuckDbEngine } from '../../../lib/metrics/store/duckdb/engine.ts';
import { rollUpContract } from './roll-up-contract.ts';

describe('roll-ups in DuckDB', function () {
  this.timeout(120_000);
  let directory = '';
  before(() => {
    directory = mkdtempSync(join(tmpdir(), 'roll-ups-'));
  });
  after(() => rmSync(directory, { recursive: true }));

  rollUpContract(() => ({
    open: async () => new DuckDbEngine({ path: join(directory, 'metrics', 'metrics.duckdb'), memoryMiB: 128 }),
    empty: async () => rmSync(join(directory, 'metrics'), { recursive: true, force: true }),
  }));
});

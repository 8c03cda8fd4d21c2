import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Metrics } from '../../lib/metrics/metrics.ts';
import { VirtflowError } from '../../lib/model/errors.ts';
import { Feed } from '../../lib/model/feed.ts';
import { DrivenClock } from '../calendar/driven-clock.ts';
import { PlatformOnSimulator, silent } from '../platform-on-simulator.ts';

describe('a connection whose figures cannot be had', () => {
  let on: PlatformOnSimulator;
  let directory = '';
  before(async () => {
    on = await PlatformOnSimulator.start();
    directory = mkdtempSync(join(tmpdir(), 'complaints-'));
  });
  after(async () => {
    await on.stop();
    rmSync(directory, { recursive: true });
  });

  it('is told of in the log, once an hour', async () => {
    const warned: string[] = [];
    const clock = new DrivenClock();
    const [connection] = on.platform.connections.list();
    assert.ok(connection);
    const refused = new VirtflowError('CONNECTION_DOWN', { connection: 'lab', reason: 'nobody may read figures' });
    const failing = { ...connection, name: 'lab', sample: () => Promise.reject(refused) };
    const metrics = new Metrics({
      dataDirectory: directory,
      connections: { states: new Feed(), list: () => [failing] },
      inventory: on.platform.inventory,
      states: on.platform.store.states,
      scheduler: { problems: new Feed(), add: () => {}, remove: () => {} },
      reveal: (text) => text,
      log: { ...silent, warn: (message) => warned.push(message) },
      clock,
    });
    metrics.start();
    await clock.run(600_000);
    assert.equal(warned.length, 1);
    assert.match(warned[0] ?? '', /^metrics of lab: .*nobody may read figures.*\[CONNECTION_DOWN\]$/);
    await clock.run(3_600_000);
    assert.equal(warned.length, 2);
    await metrics.stop();
  });
});

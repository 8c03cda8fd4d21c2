import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { type InfluxSettings, InfluxSink, type InfluxSinkOptions, type SinkState } from '../../lib/metrics/influx.ts';
import { InfluxClient } from '../../lib/metrics/influx-client.ts';
import { VirtflowError } from '../../lib/model/errors.ts';
import type { Sample } from '../../lib/model/reading.ts';
import { requireLab } from '../lab/availability.ts';
import { type InfluxDb, startInfluxDb } from '../lab/influxdb.ts';
import { sampleAt } from './influx-samples.ts';

describe('the InfluxDB sink', function () {
  this.timeout(60_000);
  let server: InfluxDb;
  let directory = '';
  const started: InfluxSink[] = [];

  before(async function () {
    await requireLab(this, 'influxdb');
    server = await startInfluxDb();
  });

  after(() => server?.stop());

  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'sink-'));
  });

  afterEach(async () => {
    for (const sink of started.splice(0)) await sink.stop(0);
    await server.query('DROP DATABASE "virtflow"');
    rmSync(directory, { recursive: true });
  });

  function sinkFor(settings: Partial<InfluxSettings> = {}, options: Partial<InfluxSinkOptions> = {}): InfluxSink {
    const sink = new InfluxSink(
      { name: 'store', url: server.url, database: 'virtflow', ...settings },
      { directory, ...options },
    );
    started.push(sink);
    return sink;
  }

  async function count(measurement = 'vm', field = 'cpu_ratio'): Promise<unknown> {
    const [result] = await server.query(`SELECT count("${field}") FROM "${measurement}"`, 'virtflow');
    return result?.series?.[0]?.values[0]?.[1] ?? 0;
  }

  it('writes samples, and makes the database when there is none', async () => {
    const sink = sinkFor();
    sink.start();
    sink.write(range(0, 1_000));
    await until(sink, ({ written }) => written === 1_000);
    assert.deepEqual(await count(), 1_000);
    assert.deepEqual(sink.state, { connected: true, waiting: 0, written: 1_000, refused: 0, dropped: 0, error: null });
  });

  it('tells that the server is there before a first sample comes', async () => {
    const sink = sinkFor();
    sink.start();
    await until(sink, ({ connected }) => connected);
  });

  it('keeps names with every kind of character apart, and figures as they are', async () => {
    const names = ['a b', 'a,b', 'a=b', 'ü ß 日本', 'a"b', "it's", 'end\\', 'a\\,b', 'two\nlines', '$x{y}', '#'];
    const sink = sinkFor();
    sink.start();
    sink.write(names.map((name, n) => ({ ...sampleAt(n), tags: { name, id: `${n}`, host: '' } })));
    sink.write([sampleAt(99, { memory_bytes: 2 ** 53 - 1, tiny: 1e-12, huge: 1e300, none: Number.NaN })]);
    await until(sink, ({ written }) => written === names.length + 1);
    const [result] = await server.query('SELECT cpu_ratio, "name" FROM vm', 'virtflow');
    const stored = result?.series?.[0]?.values.map(([, , name]) => name);
    const changed = new Map([
      ['end\\', 'end/'],
      ['a\\,b', 'a/,b'],
      ['two\nlines', 'two lines'],
    ]);
    assert.deepEqual(
      stored,
      names.map((name) => changed.get(name) ?? name),
    );
    const [figures] = await server.query('SELECT memory_bytes, tiny, huge FROM vm', 'virtflow');
    assert.deepEqual(figures?.series?.[0]?.values[0]?.slice(1), [2 ** 53 - 1, 1e-12, 1e300]);
    assert.equal(sink.state.error, null);
  });

  it('loses and doubles nothing while the server is stopped, killed and restarted under load', async () => {
    const sink = sinkFor();
    sink.start();
    let accepted = 0;
    const more = (samples: number) => {
      for (const end = accepted + samples; accepted < end; accepted += 10) sink.write(range(accepted, 10));
    };
    more(500);
    await until(sink, ({ connected }) => connected);
    const stopped = server.stop();
    more(2_000);
    await stopped;
    more(2_000);
    await until(sink, ({ error }) => error?.code === 'SINK_UNREACHABLE');
    await server.restart();
    more(500);
    await until(sink, ({ connected }) => connected);
    const killed = server.kill9();
    more(2_000);
    await killed;
    await server.restart();
    await until(sink, ({ waiting }) => waiting === 0);
    assert.deepEqual(await count(), accepted);
    assert.equal(sink.state.error, null);
  });

  it('sends after a restart what the process before could not, and what it was killed over', async () => {
    const accepted = new Set<number>();
    for (let round = 0; round < 3; round += 1) {
      const first = Math.max(-1, ...accepted) + 1;
      for (const number of await writeAndKill(first, 300 + round * 50)) accepted.add(number);
    }
    const sink = sinkFor({ name: 'lab' });
    sink.start();
    await until(sink, ({ connected, waiting }) => connected && waiting === 0);
    const [result] = await server.query('SELECT cpu_ratio FROM vm', 'virtflow');
    const stored = new Set(result?.series?.[0]?.values.map(([at]) => at));
    const missing = [...accepted].filter((number) => !stored.has(sampleAt(number).at * 1e6));
    assert.deepEqual(missing, []);
    // A sample can be on disk without having been reported: the kill came in between, once a round.
    assert.ok(stored.size - accepted.size <= 3, `${stored.size} stored, ${accepted.size} accepted`);
  });

  /** Runs a writer, kills it after so many samples, and gives those that it said were accepted. */
  async function writeAndKill(first: number, samples: number): Promise<number[]> {
    const writer = spawn(
      process.execPath,
      [join(import.meta.dirname, 'influx-writer.ts'), server.url, directory, `${first}`],
      {
        stdio: ['ignore', 'pipe', 'inherit'],
        env: { ...process.env, NODE_NO_WARNINGS: '1' },
      },
    );
    const accepted: number[] = [];
    const ended = once(writer, 'exit');
    for await (const line of createInterface({ input: writer.stdout })) {
      accepted.push(Number(line));
      if (accepted.length === samples) writer.kill('SIGKILL');
    }
    await ended;
    return accepted;
  }

  it('stops only after it has sent what waits', async () => {
    const sink = sinkFor();
    sink.start();
    sink.write(range(0, 20_000));
    await sink.stop(30_000);
    await sink.stop();
    assert.deepEqual(await count(), 20_000);
    assert.throws(() => sink.write(range(0, 1)), VirtflowError);
  });

  it('waits with everything when the address leads nowhere, and stops at once', async () => {
    const sink = sinkFor({ url: 'http://127.0.0.1:9' });
    sink.start();
    sink.write(range(0, 10));
    await until(sink, ({ error }) => error !== null);
    assert.equal(sink.state.error?.code, 'SINK_UNREACHABLE');
    assert.match(sink.state.error?.message ?? '', /127\.0\.0\.1:9.*ECONNREFUSED/);
    assert.equal(sink.state.waiting, 10);
    await sink.stop(60_000);
  });

  it('gives up the oldest when its buffer is full, and says how many', async () => {
    const sink = sinkFor({ url: 'http://127.0.0.1:9' }, { bufferBytes: 10_000 });
    sink.start();
    await until(sink, ({ error }) => error?.code === 'SINK_UNREACHABLE');
    const told: (string | undefined)[] = [];
    sink.states.subscribe(({ error }) => told.push(error?.code));
    for (let n = 0; n < 1_000; n += 10) sink.write(range(n, 10));
    assert.ok(told.includes('BUFFER_FULL'));
    assert.ok(sink.state.dropped > 800);
    assert.equal(sink.state.dropped + sink.state.waiting, 1_000);
  });

  it('puts aside what the server will never take, writes the rest, and goes on', async () => {
    await server.query('CREATE DATABASE "virtflow"');
    await server.write('virtflow', `vm,id=x cpu_ratio="text" ${sampleAt(0).at}000000`);
    const sink = sinkFor();
    sink.start();
    const good = range(0, 100).map((sample) => ({ ...sample, fields: { memory_bytes: 1 } }));
    const bad = range(0, 100);
    sink.write(good.flatMap((sample, n) => [sample, bad[n] ?? sample]));
    sink.write([{ ...sampleAt(1), measurement: 'host' }]);
    await until(sink, ({ waiting }) => waiting === 0);
    assert.deepEqual(await count('vm', 'memory_bytes'), 100);
    assert.deepEqual(await count('host'), 1);
    assert.equal(sink.state.refused, 100);
    assert.equal(sink.state.written, 101);
    const lines = readFileSync(join(directory, 'refused.jsonl'), 'utf8').trim().split('\n');
    const records = lines.map((line) => JSON.parse(line) as { reason: string; samples: Sample[] });
    assert.deepEqual(
      records.flatMap(({ samples }) => samples),
      bad,
    );
    assert.match(records[0]?.reason ?? '', /field type conflict/);
  });

  it('keeps nothing that is written waiting for what is asked', async () => {
    const asked = Promise.withResolvers<void>();
    const slow = createServer((request, response) => {
      if (request.url?.startsWith('/write')) response.writeHead(204).end();
      else asked.resolve();
    });
    slow.listen(0, '127.0.0.1');
    await once(slow, 'listening');
    const url = `http://127.0.0.1:${(slow.address() as AddressInfo).port}`;
    const client = new InfluxClient({ name: 'store', url, database: 'virtflow' });
    const enough = new AbortController();
    const answer = assert.rejects(client.query('SELECT * FROM vm', enough.signal), {
      code: 'METRIC_STORE_UNREACHABLE',
    });
    await asked.promise;
    const outcome = await client.write(range(0, 1), AbortSignal.timeout(5_000));
    enough.abort();
    await answer;
    client.close();
    slow.closeAllConnections();
    slow.close();
    assert.deepEqual(outcome, { type: 'written' });
  });

  it('refuses settings that cannot work, and never shows what stands in the URL', () => {
    const refusal = (settings: Partial<InfluxSettings>) => {
      try {
        sinkFor(settings);
      } catch (error) {
        assert.ok(error instanceof VirtflowError);
        assert.equal(error.code, 'CONNECTION_SETTINGS_INVALID');
        return JSON.stringify(error);
      }
      return assert.fail('it was accepted');
    };
    for (const url of ['', 'localhost', 'ftp://user:hidden@host/']) assert.doesNotMatch(refusal({ url }), /hidden/);
    refusal({ database: ' ' });
  });

  describe('where everybody must log in', () => {
    let secured: InfluxDb;
    before(async () => {
      secured = await startInfluxDb({ user: 'admin', password: 's3cret,pass=word' });
      await secured.query(`CREATE USER "reader" WITH PASSWORD 'reader-pass'`);
      await secured.query('CREATE DATABASE "virtflow"');
    });
    after(() => secured?.stop());

    const denied = [
      ['a wrong password', { username: 'admin', password: 'wr0ng' }, /authorization failed/],
      ['a user without rights', { username: 'reader', password: 'reader-pass' }, /not authorized to write/],
      [
        'a database that one may not make',
        { username: 'reader', password: 'reader-pass', database: 'other' },
        /"other" .* cannot be made/,
      ],
    ] as const;
    for (const [what, settings, reason] of denied) {
      it(`${what} loses nothing, and is told without the password`, async () => {
        const sink = sinkFor({ url: secured.url, ...settings });
        const told: SinkState[] = [];
        sink.states.subscribe((state) => told.push(state));
        sink.start();
        sink.write(range(0, 5));
        await until(sink, ({ error }) => error !== null);
        assert.equal(sink.state.error?.code, 'SINK_REFUSED');
        assert.match(sink.state.error?.message ?? '', reason);
        assert.equal(sink.state.waiting, 5);
        assert.doesNotMatch(JSON.stringify(told), new RegExp(settings.password));
      });
    }

    it('writes with the right password, which may be a reference', async () => {
      const ref = (name: string) => `\${${name}}`;
      const reveal = (setting: string) => (setting === ref('secret:influx') ? 's3cret,pass=word' : setting);
      const sink = sinkFor({ url: secured.url, username: 'admin', password: ref('secret:influx') }, { reveal });
      sink.start();
      sink.write(range(0, 5));
      await until(sink, ({ written }) => written === 5);
      assert.doesNotMatch(JSON.stringify(sink.state), /s3cret/);
    });
  });
});

function range(first: number, samples: number): Sample[] {
  return Array.from({ length: samples }, (_, n) => sampleAt(first + n));
}

function until(sink: InfluxSink, condition: (state: SinkState) => boolean): Promise<void> {
  return new Promise((resolve) => {
    if (condition(sink.state)) return resolve();
    const unsubscribe = sink.states.subscribe((state) => {
      if (!condition(state)) return;
      unsubscribe();
      resolve();
    });
  });
}

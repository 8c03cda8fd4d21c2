import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Sink } from '../../lib/metrics/sink.ts';
import type { Sample } from '../../lib/model/reading.ts';
import { Spool } from '../../lib/store/spool.ts';
import { sampleAt } from './influx-samples.ts';

describe('the buffer of a metric store', () => {
  let directory = '';
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'sink-'));
  });
  afterEach(() => rmSync(directory, { recursive: true }));

  /** A store that takes all, and what it took. */
  function aSink(): { sink: Sink; taken: Sample[] } {
    const taken: Sample[] = [];
    const writer = {
      address: 'here',
      write: async (samples: readonly Sample[]) => {
        taken.push(...samples);
        return { type: 'written' as const };
      },
      close: () => {},
    };
    return { sink: new Sink('The store', () => writer, { directory }), taken };
  }

  it('is not held up by what cannot be read in it, and keeps that aside', async () => {
    const spool = new Spool(join(directory, 'spool.sqlite'), 1_000_000);
    const good = (n: number) => ({ items: 1, body: JSON.stringify([sampleAt(n)]) });
    const broken = ['[{"measurement":"vm","at":null', '[{"measurement":"vm","at":null,"tags":{},"fields":{}}]'];
    spool.put([good(0), ...broken.map((body) => ({ items: 1, body })), good(1)]);
    spool.close();
    const { sink, taken } = aSink();
    const codes: (string | undefined)[] = [];
    sink.states.subscribe(({ error }) => codes.push(error?.code));
    sink.start();
    await sink.stop(10_000);
    assert.deepEqual(taken, [sampleAt(0), sampleAt(1)]);
    assert.deepEqual([sink.state.written, sink.state.refused, sink.state.waiting], [2, 2, 0]);
    assert.ok(codes.includes('SINK_REFUSED'));
    const lines = readFileSync(join(directory, 'refused.jsonl'), 'utf8').trim().split('\n');
    assert.deepEqual(
      lines.map((line) => (JSON.parse(line) as { body: string }).body),
      broken,
    );
  });

  it('takes no sample without a moment, for no store can', async () => {
    const { sink, taken } = aSink();
    sink.start();
    sink.write([...[Number.NaN, 2 ** 70].map((at) => ({ ...sampleAt(0), at })), sampleAt(1)]);
    await sink.stop(10_000);
    assert.deepEqual(taken, [sampleAt(1)]);
  });
});

import assert from 'node:assert/strict';
import { Episodes } from '../../lib/runs/episodes.ts';
import type { States } from '../../lib/store/store.ts';

function inMemory(): States {
  const all = new Map<string, unknown>();
  return {
    get: (_room, key) => all.get(key),
    put: (_room, key, value) => void all.set(key, value),
    delete: (_room, key) => void all.delete(key),
    list: () => [...all].map(([key, value]) => ({ key, value })),
  };
}

describe('the episodes of a node', () => {
  let states: States;
  let arrived: Set<string>;
  const life = () => new Episodes(states, 'node', (run) => arrived.has(run));

  beforeEach(() => {
    states = inMemory();
    arrived = new Set();
  });

  it('begin once and end once, in one run', () => {
    const episodes = life();
    const begun = episodes.turn('ups', 'begins', 1);
    assert.equal(episodes.turn('ups', 'begins', 2), undefined);
    const ended = episodes.turn('ups', 'ends', 3);
    assert.deepEqual(ended, { ...begun, endedAt: 3 });
    assert.equal(episodes.turn('ups', 'ends', 4), undefined);
  });

  it('end only when they have begun', () => assert.equal(life().turn('ups', 'ends', 1), undefined));

  it('are of one key each', () => {
    const episodes = life();
    episodes.turn('a', 'begins', 1);
    assert.ok(episodes.turn('b', 'begins', 1));
    assert.equal(episodes.open, 2);
  });

  it('begin in a run of their own each time', () => {
    const episodes = life();
    const first = episodes.turn('ups', 'begins', 1);
    episodes.turn('ups', 'ends', 2);
    assert.notEqual(episodes.turn('ups', 'begins', 3)?.run, first?.run);
  });

  it('are told again in the next life when nothing was done for the begin, with the same run', () => {
    const begun = life().turn('ups', 'begins', 1);
    const next = life();
    assert.deepEqual(next.turn('ups', 'begins', 2), begun);
    assert.equal(next.turn('ups', 'begins', 3), undefined);
  });

  it('are not told again when something was done', () => {
    const begun = life().turn('ups', 'begins', 1);
    arrived.add(String(begun?.run));
    assert.equal(life().turn('ups', 'begins', 2), undefined);
  });

  it('tell their end again in the next life when nothing was done for it, and only then', () => {
    life().turn('ups', 'begins', 1);
    const ended = life().turn('ups', 'ends', 2);
    const next = life();
    assert.deepEqual(next.turn('ups', 'ends', 3), ended);
    assert.equal(next.turn('ups', 'ends', 4), undefined);
    assert.equal(life().turn('ups', 'ends', 5), undefined);
  });

  it('are gone with their node', () => {
    const episodes = life();
    episodes.turn('ups', 'begins', 1);
    episodes.forget();
    assert.equal(life().turn('ups', 'ends', 2), undefined);
  });
});

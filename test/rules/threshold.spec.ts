import assert from 'node:assert/strict';
import type { ThresholdRule } from '../../lib/rules/kinds/threshold.ts';
import { brief, judge, rule, type Step } from './series.ts';

function told(more: Partial<ThresholdRule>, steps: readonly Step[]): string[] {
  return brief(judge(rule(more), steps));
}

/** Samples each 10 s from 0 on. */
const every10s = (...values: number[]): Step[] => values.map((value, index) => [index * 10, value]);

describe('a threshold', () => {
  it('without a hold time fires with the first sample beyond it, and resolves with the first that is not', () => {
    assert.deepEqual(told({}, every10s(80, 81, 90, 80, 70)), ['10 firing warning', '30 resolved']);
    const levels: ThresholdRule['levels'] = [{ severity: 'critical', threshold: 5 }];
    assert.deepEqual(told({ direction: 'below', levels }, every10s(5, 4, 5)), ['10 firing critical', '20 resolved']);
  });

  it('with a hold time is pending first, and fires when the condition has held so long', () => {
    assert.deepEqual(told({ forSeconds: 20 }, every10s(90, 90, 90, 90, 10)), [
      '0 pending warning',
      '20 firing warning',
      '40 resolved',
    ]);
  });

  it('that does not hold long enough lapses and does not fire', () => {
    assert.deepEqual(told({ forSeconds: 20 }, every10s(90, 90, 10, 90, 10)), [
      '0 pending warning',
      '20 lapsed',
      '30 pending warning',
      '40 lapsed',
    ]);
  });

  it('fires between two samples, when the hold time ends there, at that moment', () => {
    const steps: Step[] = [
      [0, 90],
      [14, 'nothing'],
      [16, 'nothing'],
      [60, 10],
    ];
    assert.deepEqual(told({ forSeconds: 15 }, steps), ['0 pending warning', '15 firing warning', '60 resolved']);
    assert.deepEqual(
      told({ forSeconds: 15 }, [
        [0, 90],
        [60, 10],
      ]),
      told({ forSeconds: 15 }, steps),
    );
  });

  it('with a clear threshold stays firing until the value is back there', () => {
    const levels: ThresholdRule['levels'] = [{ severity: 'warning', threshold: 80, clear: 60 }];
    assert.deepEqual(told({ levels }, every10s(70, 81, 79, 61, 60, 79)), ['10 firing warning', '40 resolved']);
  });

  it('that keeps firing resolves only when the condition has been over so long', () => {
    const steps = every10s(90, 10, 90, 10, 10, 10, 10);
    assert.deepEqual(told({ keepFiringForSeconds: 30 }, steps), ['0 firing warning', '60 resolved']);
  });

  it('for n of m samples holds when so many of the last are beyond it', () => {
    const hits = { n: 2, m: 3 };
    assert.deepEqual(told({ hits }, every10s(90, 10, 10, 90, 10, 90, 10, 10)), ['50 firing warning', '60 resolved']);
  });

  describe('with levels', () => {
    const levels: ThresholdRule['levels'] = [
      { severity: 'warning', threshold: 80 },
      { severity: 'critical', threshold: 95 },
    ];

    it('tells the highest that fires, and each change of it', () => {
      assert.deepEqual(told({ levels }, every10s(85, 97, 98, 85, 10)), [
        '0 firing warning',
        '10 severity-changed critical',
        '30 severity-changed warning',
        '40 resolved',
      ]);
    });

    it('fires once when two are passed at once', () => {
      assert.deepEqual(told({ levels, forSeconds: 10 }, every10s(99, 99, 10)), [
        '0 pending critical',
        '10 firing critical',
        '20 resolved',
      ]);
    });

    it('counts the hold time of each by itself', () => {
      assert.deepEqual(told({ levels, forSeconds: 20 }, every10s(85, 97, 97, 97, 97)), [
        '0 pending warning',
        '20 firing warning',
        '30 severity-changed critical',
      ]);
    });
  });

  describe('without data', () => {
    const noData = { noDataAfterSeconds: 30 };

    it('is in a state of its own, which is neither ok nor resolved', () => {
      const steps: Step[] = [
        [0, 90],
        [20, 'nothing'],
        [31, 'nothing'],
        [90, 'nothing'],
        [100, 90],
        [110, 10],
      ];
      assert.deepEqual(told(noData, steps), [
        '0 firing warning',
        '30 no-data warning',
        '100 data-back warning',
        '110 resolved',
      ]);
    });

    it('resolves once when the data that come back are fine', () => {
      assert.deepEqual(
        told(noData, [
          [0, 90],
          [100, 10],
          [110, 10],
        ]),
        ['0 firing warning', '30 no-data warning', '100 data-back warning', '100 resolved'],
      );
    });

    it('begins a hold time anew', () => {
      const steps: Step[] = [
        [0, 90],
        [100, 90],
        [110, 90],
        [160, 90],
      ];
      assert.deepEqual(told({ ...noData, forSeconds: 60 }, steps.slice(0, 3)), [
        '0 pending warning',
        '30 no-data warning',
        '100 data-back',
        '100 pending warning',
      ]);
    });

    it('that was fine is told too', () => {
      assert.deepEqual(
        told(noData, [
          [0, 10],
          [31, 'nothing'],
          [50, 10],
        ]),
        ['30 no-data', '50 data-back'],
      );
    });
  });

  describe('of an object that does not exist any more', () => {
    it('is gone after two evaluations, and never resolved', () => {
      const steps: Step[] = [
        [0, 90],
        [10, 'missing'],
        [20, 'missing'],
        [30, 'missing'],
        [40, 'nothing'],
      ];
      assert.deepEqual(told({}, steps), ['0 firing warning', '20 gone']);
    });

    it('is not gone when it is there again in between', () => {
      assert.deepEqual(
        told({}, [
          [0, 90],
          [10, 'missing'],
          [15, 90],
          [20, 'missing'],
          [30, 10],
        ]),
        ['0 firing warning', '30 resolved'],
      );
    });

    it('is left without a word when nothing was wrong with it', () => {
      assert.deepEqual(
        told({}, [
          [0, 10],
          [10, 'missing'],
          [20, 'missing'],
        ]),
        [],
      );
    });

    it('begins from ok when it comes back', () => {
      const steps: Step[] = [
        [0, 90],
        [10, 'missing'],
        [20, 'missing'],
        [30, 10],
        [40, 90],
      ];
      assert.deepEqual(told({}, steps), ['0 firing warning', '20 gone', '40 firing warning']);
    });
  });

  it('passes over samples that are old or come twice', () => {
    const transitions = judge(rule({ hits: { n: 2, m: 2 } }), [
      [10, 90],
      [10, 90],
      [20, 10],
      [30, 90],
    ]);
    assert.deepEqual(transitions, []);
  });

  it('goes on when the clock was set back', () => {
    const steps: Step[] = [
      [7200, 90],
      [0, 90],
      [10, 90],
      [20, 90],
      [40, 10],
    ];
    const types = judge(rule({ forSeconds: 20 }), steps).map(({ type }) => type);
    assert.deepEqual(types, ['pending', 'firing', 'resolved']);
  });

  it('says why, with the samples it was decided on', () => {
    const percent = rule({ value: { field: 'cpu_ratio' }, unit: 'percent', forSeconds: 20, noDataAfterSeconds: 60 });
    const [pending, firing, resolved, lost] = judge(percent, [...every10s(91, 92, 95.26, 10), [91, 'nothing']]);
    assert.equal(pending?.why.says, 'cpu_ratio is 91 %, above 80 %; fires if that holds for 20 s.');
    assert.equal(firing?.why.says, 'cpu_ratio is 95.26 %, above 80 % for 20 s.');
    assert.equal(resolved?.why.says, 'cpu_ratio is 10 %, no longer beyond 80 %.');
    assert.equal(lost?.why.says, 'no figure of cpu_ratio for 60 s.');
    assert.deepEqual(firing?.why.samples, [
      { at: 0, value: 91 },
      { at: 10_000, value: 92 },
      { at: 20_000, value: 95.26 },
    ]);
    assert.equal(firing?.why.conditionSince, 0);
    assert.equal(firing?.why.threshold, 80);
  });
});

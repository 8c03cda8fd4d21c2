import assert from 'node:assert/strict';
import type { AnomalyRule } from '../../lib/rules/kinds/anomaly.ts';
import type { ForecastRule } from '../../lib/rules/kinds/forecast.ts';
import type { RateRule } from '../../lib/rules/kinds/rate.ts';
import { parseRule, type Rule } from '../../lib/rules/rule.ts';
import { brief, judge, type Step } from './series.ts';

const hour = 3_600;
const day = 24 * hour;
const week = 7 * day;

const common = { id: 'r', name: 'rule' };
const figure = { value: { field: 'value' }, unit: 'absolute' as const };

function told(rule: Rule, steps: readonly Step[]): string[] {
  return brief(judge(parseRule(rule), steps));
}

function series(every: number, values: readonly number[], from = 0): Step[] {
  return values.map((value, index) => [from + index * every, value]);
}

describe('a rate of change', () => {
  const rate = (more: Partial<RateRule> = {}): RateRule => ({
    ...common,
    kind: 'rate',
    ...figure,
    overSeconds: 60,
    per: 'hour',
    direction: 'above',
    levels: [{ severity: 'warning', threshold: 500 }],
    ...more,
  });

  it('is that against the sample of the window ago', () => {
    // 10 in a minute are 600 an hour.
    const steps = series(30, [100, 100, 100, 105, 110, 115, 120, 120, 120, 120]);
    assert.deepEqual(told(rate(), steps), ['120 firing warning', '210 resolved']);
  });

  it('falls as well as it rises', () => {
    const falling = rate({ direction: 'below', levels: [{ severity: 'critical', threshold: -500 }] });
    assert.deepEqual(told(falling, series(30, [100, 95, 90, 90, 90])), ['60 firing critical', '90 resolved']);
  });

  it('says nothing before it has something to compare with, and nothing of it', () => {
    assert.deepEqual(told(rate(), series(30, [0, 1_000])), []);
  });

  it('that fires and has lost its past is not resolved by that', () => {
    const steps: Step[] = [...series(30, [0, 10, 20, 30]), [600, 30], [630, 30], [660, 30]];
    assert.deepEqual(told(rate(), steps), [
      '60 firing warning',
      '600 learning warning',
      '660 data-back warning',
      '660 resolved',
    ]);
  });

  it('says why', () => {
    const [firing] = judge(rate(), series(30, [0, 10, 20]));
    assert.equal(firing?.why.says, 'value changes by 1200 per hour, over 60 s, above 500 per hour.');
    assert.deepEqual(firing?.why.from, { at: 0, value: 0 });
  });
});

describe('absence', () => {
  const absence: Rule = {
    ...common,
    kind: 'absence',
    levels: [
      { severity: 'warning', threshold: 60 },
      { severity: 'critical', threshold: 300 },
    ],
  };

  it('fires when no sample comes for so long, level by level, and ends with the next', () => {
    const steps: Step[] = [...series(30, [1, 1, 1]), [1_000, 1], [1_030, 1]];
    assert.deepEqual(told(absence, steps), ['120 firing warning', '360 severity-changed critical', '1000 resolved']);
  });

  it('of an object that does not exist any more is gone', () => {
    assert.deepEqual(
      told(absence, [
        [0, 1],
        [70, 'missing'],
        [80, 'missing'],
        [900, 'nothing'],
      ]),
      ['60 firing warning', '80 gone'],
    );
  });

  it('says why', () => {
    const [firing, resolved] = judge(absence, [
      [0, 1],
      [200, 1],
    ]);
    assert.equal(firing?.why.says, 'no sample has come for 60 s, at least 60 s.');
    assert.equal(resolved?.why.says, 'a sample has come.');
  });
});

describe('a state', () => {
  const paused: Rule = {
    ...common,
    kind: 'state',
    states: ['paused', 'crashed'],
    levels: [{ severity: 'warning', threshold: 600 }],
  };

  it('fires when it has gone on for so long, also from one to another, and ends with it', () => {
    const steps: Step[] = [
      [0, '=running'],
      [100, '=paused'],
      [400, '=crashed'],
      [2_000, '=running'],
    ];
    assert.deepEqual(told(paused, steps), ['700 firing warning', '2000 resolved']);
    assert.equal(judge(paused, steps)[0]?.why.says, 'it has been paused or crashed for 10 min, at least 10 min.');
  });

  it('that ends before says nothing', () => {
    const steps: Step[] = [
      [0, '=paused'],
      [599, '=running'],
      [5_000, 'nothing'],
    ];
    assert.deepEqual(told(paused, steps), []);
  });
});

describe('an event count', () => {
  const crashes: Rule = {
    ...common,
    kind: 'event-count',
    events: ['vm.crashed', 'vm.io-*'],
    windowSeconds: 600,
    over: 'object',
    levels: [
      { severity: 'warning', threshold: 2 },
      { severity: 'critical', threshold: 3 },
    ],
  };

  it('fires with the nth event within the window, and ends when they have left it', () => {
    const steps: Step[] = [
      [0, '!vm.crashed'],
      [10, '!vm.started'],
      [300, '!vm.io-error'],
      [400, '!vm.crashed'],
      [5_000, 'nothing'],
    ];
    assert.deepEqual(told(crashes, steps), [
      '300 firing warning',
      '400 severity-changed critical',
      '600 severity-changed warning',
      '900 resolved',
    ]);
    assert.equal(judge(crashes, steps)[0]?.why.says, '2 times vm.crashed or vm.io-* within 10 min, at least 2.');
  });
});

describe('a forecast', () => {
  const full = (more: Partial<ForecastRule> = {}): ForecastRule => ({
    ...common,
    kind: 'forecast',
    ...figure,
    reaches: 100,
    direction: 'above',
    pastSeconds: 7 * day,
    leastSeconds: day,
    levels: [
      { severity: 'warning', threshold: 14, clear: 20 },
      { severity: 'critical', threshold: 3 },
    ],
    ...more,
  });

  it('fires when the line through the past reaches the mark within so many days', () => {
    const rising = Array.from({ length: 24 * 21 }, (_, index) => 10 + (index / 24) * 4);
    const transitions = judge(full(), series(hour, rising));
    // 10 + 4 a day is at 100 after 22.5 days: 14 days before that, and 3.
    const days = transitions.map(({ at, type, severity }) => [Math.ceil(at / 1000 / day), type, severity]);
    assert.deepEqual(days, [
      [9, 'firing', 'warning'],
      [20, 'severity-changed', 'critical'],
    ]);
    assert.match(
      String(transitions[0]?.why.says),
      /^value comes to 100 in 13\.\d+ days, going by 4 a day over 7 d, below 14 days\.$/,
    );
  });

  it('ends when it grows no more', () => {
    const values = Array.from({ length: 24 * 20 }, (_, index) => Math.min(80, 10 + (index / 24) * 10));
    assert.deepEqual(
      judge(full({ levels: [{ severity: 'warning', threshold: 5 }] }), series(hour, values)).map(({ type }) => type),
      ['firing', 'resolved'],
    );
  });

  it('says nothing with too little of a past', () => {
    assert.deepEqual(told(full(), series(hour, [10, 20, 40, 80, 99])), []);
  });

  it('falls as well: what is left, to nothing', () => {
    const left = full({ reaches: 0, direction: 'below', levels: [{ severity: 'critical', threshold: 2 }] });
    const values = Array.from({ length: 24 * 9 }, (_, index) => 100 - (index / 24) * 10);
    const [firing] = judge(left, series(hour, values));
    assert.equal(Math.round((firing?.at ?? 0) / 1000 / day), 8);
  });

  it('is not misled by noise', () => {
    const noisy = Array.from({ length: 24 * 14 }, (_, index) => 40 + 20 * Math.sin(index * 12.9898));
    assert.deepEqual(told(full({ levels: [{ severity: 'critical', threshold: 5 }] }), series(hour, noisy)), []);
  });
});

describe('an anomaly', () => {
  const unusual = (more: Partial<AnomalyRule> = {}): AnomalyRule => ({
    ...common,
    kind: 'anomaly',
    ...figure,
    direction: 'both',
    leastDeviation: 1,
    levels: [{ severity: 'warning', threshold: 6, clear: 3 }],
    ...more,
  });
  const quarter = 900;
  /** Busy at noon of each day, more so on the first two of the week. */
  const usual = (at: number) => {
    const ofDay = (at % day) / hour;
    return 20 + (ofDay >= 11 && ofDay < 13 ? 60 : 0) + (at % week < 2 * day ? 10 : 0) + Math.sin(at);
  };
  const weeks = (many: number, from = 0) =>
    Array.from(
      { length: (many * week) / quarter },
      (_, index): Step => [from + index * quarter, usual(from + index * quarter)],
    );

  it('is what was not so at this hour of former weeks; what comes each week is none', () => {
    const noon = 4 * week + 3 * day + 12 * hour;
    const night = noon - 9 * hour;
    const steps = weeks(5).map(([at, value]): Step => (at === night ? [at, 80] : at === noon ? [at, 20] : [at, value]));
    assert.deepEqual(told(unusual(), steps), [
      `${night} firing warning`,
      `${night + quarter} resolved`,
      `${noon} firing warning`,
      `${noon + quarter} resolved`,
    ]);
  });

  it('never fires before it has enough history, and says with how much it decided', () => {
    const early = week + 3 * day;
    const late = 3 * week + 3 * day;
    const steps = weeks(4).map(([at, value]): Step => (at === early || at === late ? [at, 95] : [at, value]));
    const [first] = judge(unusual(), steps);
    assert.equal(first?.at, late * 1000);
    assert.match(String(first?.why.says), /at this hour of 3 former weeks it was about 2\d/);
    const { usual: known } = first?.why ?? {};
    assert.deepEqual([(known as { weeks: number }).weeks, (known as { quarters: number }).quarters], [3, 12]);
  });

  it('looks at no more weeks than it is told to', () => {
    const steps = weeks(4);
    const change = 4 * week;
    const lasting = weeks(3, change).map(([at, value]): Step => [at, Number(value) + 50]);
    const transitions = judge(unusual({ weeks: 2 }), [...steps, ...lasting]);
    // What is new becomes usual when it makes up more than half of the weeks that are looked at.
    assert.equal(
      transitions.filter(({ at }) => at >= (change + 2 * week) * 1000).filter(({ type }) => type === 'firing').length,
      0,
    );
    assert.ok(transitions.some(({ type, at }) => type === 'firing' && at === change * 1000));
  });
});

describe('an error', () => {
  const rule: Rule = {
    ...common,
    kind: 'threshold',
    ...figure,
    direction: 'above',
    levels: [{ severity: 'warning', threshold: 80 }],
    noDataAfterSeconds: 100,
  };

  it('is a state of its own: what fires is neither resolved by it nor told again', () => {
    const steps: Step[] = [
      [0, 90],
      [10, 'broken'],
      [20, 'broken'],
      [30, 90],
      [40, 10],
    ];
    assert.deepEqual(told(rule, steps), [
      '0 firing warning',
      '10 error warning',
      '30 data-back warning',
      '40 resolved',
    ]);
    assert.equal(judge(rule, steps)[1]?.why.says, 'it cannot be read.');
  });

  it('becomes no data when nothing comes at all', () => {
    assert.deepEqual(
      told(rule, [
        [0, 10],
        [10, 'broken'],
        [200, 'nothing'],
      ]),
      ['10 error', '100 no-data'],
    );
  });
});

describe('rules of all kinds', () => {
  it('with a mistake are refused and say which', () => {
    const wrong = (value: object, expected: RegExp) =>
      assert.throws(() => parseRule({ ...common, ...value }), { code: 'RULE_INVALID', message: expected });
    const levels = [{ severity: 'warning', threshold: 1 }];
    wrong({ kind: 'guess' }, /one of threshold, rate/);
    wrong({ kind: 'rate', ...figure, overSeconds: 0, per: 'hour', direction: 'above', levels }, /overSeconds/);
    wrong({ kind: 'absence', levels: [{ severity: 'warning', threshold: 0 }] }, /above 0/);
    wrong({ kind: 'state', states: [], levels }, /states/);
    wrong({ kind: 'event-count', events: ['a'], windowSeconds: 1, over: 'none', levels }, /over/);
    wrong({ kind: 'anomaly', ...figure, direction: 'both', weeks: 1, levels }, /2 weeks are never known/);
    wrong({ kind: 'composite', severity: 'info', over: 'all', condition: { rule: 'r' } }, /member of itself/);
    wrong({ kind: 'composite', severity: 'info', over: 'all', condition: { all: [] } }, /condition/);
  });
});

import assert from 'node:assert/strict';
import { VirtflowError } from '../../lib/model/errors.ts';
import { measure } from '../../lib/rules/kinds/figure.ts';
import { parseRule } from '../../lib/rules/rule.ts';
import { rule } from './series.ts';

function refusal(value: unknown): string {
  try {
    parseRule(value);
  } catch (error) {
    assert.ok(error instanceof VirtflowError);
    assert.equal(error.code, 'RULE_INVALID');
    return error.message;
  }
  return assert.fail(`${JSON.stringify(value)} was accepted`);
}

const warning = (threshold: number, clear?: number) => ({
  severity: 'warning' as const,
  threshold,
  ...(clear !== undefined && { clear }),
});

describe('a rule', () => {
  it('is accepted as a whole, and with the fewest words', () => {
    parseRule(rule({}));
    parseRule(
      rule({
        value: { field: 'memory_used_bytes', of: 'memory_bytes' },
        unit: 'percent',
        levels: [
          { severity: 'critical', threshold: 95, clear: 90 },
          warning(80, 75),
          { severity: 'info', threshold: 60 },
        ],
        forSeconds: 300,
        keepFiringForSeconds: 60,
        hits: { n: 3, m: 5 },
        noDataAfterSeconds: 120,
      }),
    );
  });

  it('with a mistake is refused and says which', () => {
    assert.match(refusal(rule({ levels: [warning(80, 85)] })), /clear threshold 85 of warning has to be below/);
    assert.match(refusal(rule({ direction: 'below', levels: [warning(10, 5)] })), /has to be above its threshold 10/);
    assert.match(refusal(rule({ hits: { n: 4, m: 3 } })), /4 of the last 3/);
    assert.match(refusal(rule({ hits: { n: 1, m: 31 } })), /hits\.m/);
    assert.match(refusal(rule({ levels: [] })), /levels/);
    assert.match(refusal(rule({ levels: [warning(1), warning(2)] })), /two thresholds/);
    assert.match(
      refusal(rule({ levels: [warning(90), { severity: 'critical', threshold: 80 }] })),
      /80 of critical has to be above that of warning, 90/,
    );
    assert.match(refusal(rule({ value: { field: 'a', of: 'b' }, unit: 'absolute' })), /in percent/);
    assert.match(refusal(rule({ noDataAfterSeconds: 0 })), /0 s without data/);
    assert.match(refusal(rule({ forSeconds: -1 })), /forSeconds/);
    assert.match(refusal(rule({ levels: [warning(Number.NaN)] })), /threshold/);
    for (const value of [null, 'rule', [], {}]) refusal(value);
  });

  it('judges a field, its share of another, or a ratio in percent', () => {
    const fields = { cpu_ratio: 0.25, memory_used_bytes: 30, memory_bytes: 40, idle_bytes: 0 };
    assert.equal(measure(rule({ value: { field: 'cpu_ratio' } }), fields), 0.25);
    assert.equal(measure(rule({ value: { field: 'cpu_ratio' }, unit: 'percent' }), fields), 25);
    const share = (of: string) => rule({ value: { field: 'memory_used_bytes', of }, unit: 'percent' });
    assert.equal(measure(share('memory_bytes'), fields), 75);
    assert.equal(measure(share('idle_bytes'), fields), undefined);
    assert.equal(measure(share('unknown'), fields), undefined);
    assert.equal(measure(rule({ value: { field: 'unknown' } }), fields), undefined);
  });
});

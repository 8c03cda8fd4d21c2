import assert from 'node:assert/strict';
import { runTrials } from '../../lib/rules/trials.ts';

const busy = {
  ...{ id: 'busy', name: 'busy', kind: 'threshold', value: { field: 'cpu_ratio' }, unit: 'percent' },
  ...{ direction: 'above', levels: [{ severity: 'warning', threshold: 80 }], forSeconds: 30 },
};
const silent = { id: 'silent', name: 's', kind: 'absence', levels: [{ severity: 'critical', threshold: 60 }] };
const crashes = {
  ...{ id: 'crashes', name: 'c', kind: 'event-count', events: ['vm.crashed'], windowSeconds: 60, over: 'object' },
  levels: [{ severity: 'warning', threshold: 2 }],
};
const either = {
  ...{ id: 'either', name: 'e', kind: 'composite', severity: 'info', over: 'object' },
  condition: { any: [{ rule: 'busy' }, { rule: 'silent' }] },
};
const rules = [busy, silent, crashes, either];
const trial = (rule: string, series: Record<string, string>, expect: string[]) => ({
  ...{ name: rule, rule, everySeconds: 10, series, expect },
});

describe('the tests of a file of rules', () => {
  it('run every kind over series in few words', () => {
    const tests = [
      trial('busy', { web: '50x2 90x5 10', db: '10x8' }, [
        'web 20 pending warning',
        'web 50 firing warning',
        'web 70 resolved',
      ]),
      trial('silent', { web: '1x2 _x9 1' }, ['web 70 firing critical', 'web 110 resolved']),
      trial('crashes', { web: '!vm.crashed _ !vm.crashed _x8' }, ['web 20 firing warning', 'web 60 resolved']),
      trial('either', { web: '1x2 _x9 1' }, ['web 70 firing info', 'web 110 resolved']),
    ];
    assert.deepEqual(
      runTrials({ rules, tests }).filter(({ passed }) => !passed),
      [],
    );
  });

  it('that fail say what was expected and what came', () => {
    const [result] = runTrials({ rules, tests: [trial('busy', { web: '90x5' }, ['web 20 firing warning'])] });
    assert.deepEqual(result?.difference, [
      '- web 20 firing warning',
      '+ web 0 pending warning',
      '+ web 30 firing warning',
    ]);
  });

  it('are refused where they make no sense', () => {
    assert.throws(() => runTrials({ rules, tests: [trial('none', {}, [])] }), { code: 'RULE_INVALID' });
    assert.throws(() => runTrials({ rules, tests: [trial('busy', { web: 'high' }, [])] }), /"high" is nothing/);
    assert.throws(() => runTrials({ rules: [{}], tests: [trial('busy', {}, [])] }), { code: 'RULE_INVALID' });
    assert.throws(() => runTrials([]), { code: 'RULE_INVALID' });
  });
});

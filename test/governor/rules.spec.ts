import assert from 'node:assert/strict';
import { defaultRules } from '../../lib/governor/defaults.ts';
import { describeRule } from '../../lib/governor/describe.ts';
import { parseRules } from '../../lib/governor/rules.ts';
import { VirtflowError } from '../../lib/model/errors.ts';
import { rulesOf } from './uses.ts';

const budget = { id: 'deletes', type: 'budget', actions: ['vm.delete'], limit: 5, window: '10m' };

function refuses(value: unknown, says: RegExp): void {
  assert.throws(
    () => parseRules(value),
    (error) => error instanceof VirtflowError && error.code === 'GOVERNOR_RULES_INVALID' && says.test(error.message),
  );
}

describe('rules of the governor', () => {
  it('that are the defaults can be read from a file as they are', () => {
    assert.deepEqual(parseRules(JSON.parse(JSON.stringify(defaultRules))), defaultRules);
  });

  it('are refused with the rule and what is wrong', () => {
    refuses([], /not an object/);
    refuses({ version: 2, rules: [] }, /"version" has to be 1/);
    refuses({ version: 1, rules: [], extra: 1 }, /"extra" is none/);
    refuses({ version: 1, rules: [{ ...budget, window: '10 minutes' }] }, /rule "deletes": "window"/);
    refuses({ version: 1, rules: [{ ...budget, limt: 5 }] }, /rule "deletes"/);
    refuses({ version: 1, rules: [{ ...budget, percent: 5 }] }, /either "limit" or "percent"/);
    refuses({ version: 1, rules: [{ ...budget, window: '31d' }] }, /longer than 30 days/);
    refuses({ version: 1, rules: [{ ...budget, selector: "'web' in" }] }, /rule "deletes": The selector/);
    refuses({ version: 1, rules: [budget, budget] }, /two rules have the id "deletes"/);
    refuses({ version: 1, rules: [{ id: 'x', type: 'wall' }] }, /rule "x": "type" has to be one of/);
  });

  it('say what they are about', () => {
    const { rules } = rulesOf(
      budget,
      { id: 'a', type: 'share', actions: ['power-off'], percent: 25, per: 'host', selector: "'web' in tags" },
      { id: 'b', type: 'coolDown', actions: ['vm.start', 'power-off'], for: '90s' },
      { id: 'c', type: 'breaker', actions: ['*'], failures: 3, window: '5m', openFor: '1m', per: 'connection' },
      { id: 'd', type: 'storm', submissions: 100, window: '10s', calmFor: '1m', per: 'flow' },
      { id: 'e', type: 'readOnly', connection: 'lab-*' },
      { id: 'f', type: 'protect', actions: ['destructive'], selector: "'prod' in tags" },
    );
    assert.deepEqual(rules.map(describeRule), [
      'at most 5 vm.delete within 10 minutes',
      "at most 25 % of the VMs off or worked on at once for each host where 'web' in tags, for power-off",
      '90 seconds of rest for each object after vm.start, power-off',
      'stopped for 1 minute after 3 failures of * within 5 minutes for each connection',
      'at most 100 submissions within 10 seconds for each flow, otherwise none until it was calm for 1 minute',
      'nothing may be changed on lab-*',
      "never destructive where 'prod' in tags",
    ]);
  });
});

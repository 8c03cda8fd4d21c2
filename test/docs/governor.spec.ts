import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Value } from 'typebox/value';
import { defaultRules } from '../../lib/governor/defaults.ts';
import { describeRule } from '../../lib/governor/describe.ts';
import { parseRules, rulesSchema } from '../../lib/governor/rules.ts';

const page = readFileSync(join(import.meta.dirname, '../../docs/governor.md'), 'utf8');
const examples = [...page.matchAll(/```json\n(.*?)```/gs)].map((match) => JSON.parse(match[1] ?? ''));

describe('the rules in docs/governor.md', () => {
  it('show each kind', () => {
    const kinds = new Set(examples.map(({ type }) => type));
    assert.deepEqual([...kinds].sort(), ['breaker', 'budget', 'coolDown', 'protect', 'readOnly', 'share', 'storm']);
  });

  for (const example of examples) {
    it(`can be used: ${example.id}`, () => {
      const { rules } = parseRules({ version: 1, rules: [example] });
      assert.deepEqual(rules, [example]);
      assert.ok(rules.map(describeRule).join('').length > 10);
      assert.ok(Value.Check(rulesSchema, { version: 1, rules: [example] }));
    });
  }

  it('name every rule of a fresh installation', () => {
    for (const { id } of defaultRules.rules) assert.ok(page.includes(`\`${id}\``), id);
  });
});

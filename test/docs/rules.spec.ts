import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseJson } from '../../lib/model/json.ts';
import { parseRule, ruleKinds } from '../../lib/rules/rule.ts';

describe('the page about rules', () => {
  const page = readFileSync(join(import.meta.dirname, '../../docs/rules.md'), 'utf8');
  const examples = [...page.matchAll(/```json\n(.*?)```/gs)].map(([, text]) => parseJson(text ?? ''));

  it('has an example of each kind, and each is one', () => {
    const kinds = examples.map((example) => {
      assert.ok(typeof example === 'object' && example !== null);
      return parseRule({ id: 'example', name: 'example', ...example }).kind;
    });
    assert.deepEqual([...new Set(kinds)].sort(), [...ruleKinds].sort());
  });
});

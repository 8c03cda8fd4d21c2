import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { formOf } from '../../lib/approvals/form.ts';
import { parsePolicies } from '../../lib/approvals/policy.ts';

const root = join(import.meta.dirname, '../..');
const blocks = (file: string, fence: string) =>
  [...readFileSync(join(root, file), 'utf8').matchAll(new RegExp(`\`\`\`${fence}\n([^]*?)\`\`\``, 'g'))].map(
    ([, text = '']) => text,
  );

describe('the page about approvals', () => {
  it('shows policies that can be used as they stand there', () => {
    const [policies = ''] = blocks('docs/approvals.md', 'json');
    assert.equal(parsePolicies(JSON.parse(policies)).policies?.length, 3);
  });

  for (const language of ['en-US', 'de']) {
    it(`and the help of the node (${language}) shows a form that can be used`, () => {
      const [form = ''] = blocks(`nodes/locales/${language}/help/virtflow-approval.md`, '');
      assert.equal(Object.keys(formOf(JSON.parse(form)).properties).length, 3);
    });
  }
});

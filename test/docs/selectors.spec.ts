import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { selector } from '../../lib/inventory/selector.ts';
import { aVm } from '../inventory/fixtures.ts';

const page = readFileSync(join(import.meta.dirname, '../../docs/targets.md'), 'utf8');
const rows = page.slice(page.indexOf('## Selectors')).match(/^\|[^|]*\|.*\|$/gm) ?? [];
const examples = rows.slice(2).flatMap((row) => (row.split('|')[2] ?? '').match(/`[^`]+`/g) ?? []);

describe('the selectors in docs/targets.md', () => {
  const vm = aVm({
    id: 'web-1',
    tags: ['prod'],
    hostName: 'kvm-2',
    nics: [{ mac: '52:54:00:00:00:01', network: 'dmz', model: null }],
  });

  it('are found', () => assert.ok(examples.length >= 8));

  for (const example of examples) {
    it(`${example} is a condition`, async () => {
      const answer = await selector(example.slice(1, -1)).matches(vm);
      assert.equal(typeof answer, 'boolean');
    });
  }
});

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { referencePages } from '../../scripts/generate-reference.ts';

describe('reference pages', () => {
  for (const [name, page] of referencePages()) {
    it(`docs/reference/${name} says what the declarations say (node scripts/generate-reference.ts)`, () => {
      assert.equal(readFileSync(join(import.meta.dirname, '../../docs/reference', name), 'utf8'), page);
    });
  }
});

import assert from 'node:assert/strict';
import type { Catalogue } from '../../nodes/forms/words.ts';
import { nodeSets } from '../../nodes/sets.ts';
import { catalogueOf, keysOf, word } from '../../scripts/generate/catalogue.ts';
import { editorWords } from '../../scripts/generate/editor.ts';
import { helpOf } from '../../scripts/generate/help.ts';

/** `__count__`: what a text is filled with. */
const blanks = (text: string) => [...text.matchAll(/__\w+?__/g)].map(String).sort();

function assertSame(english: Catalogue, german: Catalogue): void {
  assert.deepEqual(keysOf(german).sort(), keysOf(english).sort());
  for (const key of keysOf(english)) {
    assert.deepEqual(blanks(word(german, key)), blanks(word(english, key)), key);
    assert.notEqual(word(german, key).trim(), '', key);
  }
}

describe('the German catalogue', () => {
  for (const set of nodeSets) {
    it(`has every text of ${set.folder}, and no other`, () => {
      // What an input is called stands in the German files of all nodes that have one, and nowhere else.
      assertSame(catalogueOf(set, 'en-US'), catalogueOf(set, 'de'));
    });
  }

  it('has every text of the editor, and no other', () => {
    assertSame(editorWords('en-US'), editorWords('de'));
  });
});

describe('help', () => {
  for (const language of ['en-US', 'de'] as const) {
    for (const set of nodeSets) {
      const catalogue = catalogueOf(set, language);
      for (const node of set.nodes) {
        it(`stands for ${node.type} in ${language}, beginning with its summary`, () => {
          const help = helpOf(node, language, catalogue);
          assert.ok(help.startsWith(`${word(catalogue, `${node.type}.summary`)}\n`));
          assert.match(help, /^### /m);
          assert.doesNotMatch(help, /<\/script|\{\{/);
          // Node-RED gives up a list of definitions at the third colon of a line.
          for (const [line] of help.matchAll(/^:.*$/gm)) assert.equal(line.split(':').length, 3, line);
        });
      }
    }
  }
});

import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { NodeSet } from '../nodes/forms/node-description.ts';
import { nodeSets } from '../nodes/sets.ts';
import { catalogueOf, languages } from './generate/catalogue.ts';
import { editorHtml, editorWords } from './generate/editor.ts';
import { helpHtml } from './generate/help.ts';
import { setHtml } from './generate/set-html.ts';

/** Writes what Node-RED's editor needs of the nodes, next to the compiled sets. */
export function generateNodes(dist: string): void {
  const write = (path: string, content: string) => {
    const file = join(dist, path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, content);
  };
  for (const set of nodeSets) writeSet(set, write);
  write('plugins/editor/editor.html', editorHtml());
  for (const language of languages) {
    write(`plugins/editor/locales/${language}/editor.json`, json(editorWords(language)));
  }
}

function writeSet(set: NodeSet, write: (path: string, content: string) => void): void {
  const place = `nodes/${set.folder}`;
  write(`${place}/${set.folder}.html`, setHtml(set));
  for (const language of languages) {
    const catalogue = catalogueOf(set, language);
    write(`${place}/locales/${language}/${set.folder}.json`, json(catalogue));
    write(`${place}/locales/${language}/${set.folder}.html`, helpHtml(set, language, catalogue));
  }
}

function json(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}

import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { NodeDescription, NodeSet } from '../../nodes/forms/node-description.ts';
import { type Catalogue, wordsKey } from '../../nodes/forms/words.ts';
import { type Language, word } from './catalogue.ts';
import { element, escapeHtml } from './html.ts';

const locales = join(import.meta.dirname, '../../nodes/locales');

/** The help of a set: for each node the summary, its page of Markdown, and its settings as the form names them. */
export function helpHtml(set: NodeSet, language: Language, catalogue: Catalogue): string {
  const pages = set.nodes.map((node) =>
    element(
      'script',
      { type: 'text/markdown', 'data-help-name': node.type },
      `\n${helpOf(node, language, catalogue)}\n`,
    ),
  );
  return `${pages.join('\n')}\n`;
}

export function helpOf(node: NodeDescription, language: Language, catalogue: Catalogue): string {
  const summary = word(catalogue, `${node.type}.summary`);
  const settings = settingsOf(node, catalogue);
  const heading = `### ${word(catalogue, 'help.settings')}`;
  const page = [summary, pageOf(node, language), ...(settings.length > 0 ? [heading, settings.join('\n')] : [])];
  return page.join('\n\n').replace(/^:.*$/gm, definition);
}

/** Node-RED gives up a list of definitions at the third colon of a line, and Markdown's code takes no entities. */
function definition(line: string): string {
  const [, head = '', rest = ''] = /^(:[^:]*\([^:]*\) :)(.*)$/.exec(line) ?? [];
  if (!rest.includes(':')) return line;
  const code = rest.replace(/`([^`]*)`/g, (_, text: string) => `<code>${escapeHtml(text)}</code>`);
  return head + code.replaceAll(':', '&#58;');
}

/** The actions' pages are alike, so they share one. */
function pageOf(node: NodeDescription, language: Language): string {
  const names = node.action === undefined ? (node.help ?? [node.type]) : [actionPage(node)];
  const pages = names.map((name) => {
    const file = join(locales, language, 'help', `${name}.md`);
    if (!existsSync(file)) throw new Error(`${node.type} has no help in ${language}: write ${file}`);
    return readFileSync(file, 'utf8').trim();
  });
  return pages.join('\n\n');
}

function actionPage(node: NodeDescription): string {
  return node.fields.some(({ kind }) => kind === 'target') ? 'action-on-objects' : 'action-on-connection';
}

function settingsOf(node: NodeDescription, catalogue: Catalogue): string[] {
  return node.fields
    .filter(({ kind }) => kind !== 'widget')
    .map((field) => {
      const key = wordsKey(node.type, field);
      return `: ${word(catalogue, `${key}.label`)} (${field.name}) : ${escapeHtml(word(catalogue, `${key}.description`))}`;
    });
}

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Catalogue } from '../../nodes/forms/words.ts';
import { type Language, readCatalogue } from './catalogue.ts';
import { element } from './html.ts';

const editor = join(import.meta.dirname, '../../plugins/editor');

/** In the order they build on one another. */
export const clientModules = [
  'words',
  'api',
  'dom',
  'validation',
  'conditions',
  'choices',
  'code-editor',
  'combobox',
  'chips',
  'selector-input',
  'target-picker',
  'steps',
  'suggestions',
  'drivers',
  'test-button',
  'next-runs',
  'form',
  'register',
  'governor-rules',
  'governor-form',
  'governor-switch',
  'governor-list',
  'governor',
  'approval-form',
  'approval-card',
  'approvals',
  'run-step',
  'runs',
] as const;

const styles = ['editor', 'approvals', 'runs'] as const;

/**
 * The code that all forms share, as one script in the page of a plugin: plugins load before nodes, and nothing is
 * fetched one by one. The modules are put one after the other, so their names must not clash.
 */
export function editorHtml(): string {
  const modules = clientModules.map((name) => inlined(readFileSync(join(editor, 'client', `${name}.js`), 'utf8')));
  const script = `(function () {\n'use strict';\n${modules.join('\n')}\nwindow.virtflow = { register };
offerGovernor();
RED.plugins.registerPlugin('virtflow-approvals', { onadd: openApprovals });
RED.plugins.registerPlugin('virtflow-runs', { onadd: registerRunsTab });\n})();`;
  const style = styles.map((name) => readFileSync(join(editor, 'client', `${name}.css`), 'utf8')).join('\n');
  return `${element('style', {}, `\n${style}`)}\n${element('script', {}, `\n${script}\n`)}\n`;
}

export function editorWords(language: Language): Catalogue {
  return readCatalogue(join(editor, 'locales', language, 'editor.json'));
}

function inlined(source: string): string {
  return source
    .replace(/^import\s[^;]*;\n/gm, '')
    .replace(/^export /gm, '')
    .replaceAll('</script', '<\\/script')
    .trim();
}

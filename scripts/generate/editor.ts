import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Catalogue } from '../../nodes/forms/words.ts';
import { type Language, readCatalogue } from './catalogue.ts';
import { element } from './html.ts';

const editor = join(import.meta.dirname, '../../plugins/editor');

/** In the order they build on one another. */
export const clientModules: readonly string[] = [
  'shell',
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
  'members',
  'suggestions',
  'drivers',
  'test-button',
  'operations/rest',
  'calendar/moves',
  'calendar/drawn',
  'calendar/clash-words',
  'calendar/book',
  'next-runs',
  'backtest',
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
  'list-row',
  'operations/states',
  'operations/frames',
  'operations/stream',
  'operations/spoken',
  'operations/canvas',
  'operations/filters',
  'operations/slim',
  'operations/book',
  'operations/entries',
  'operations/in-order',
  'operations/window-list',
  'operations/row',
  'operations/object-picker',
  'operations/filter-panel',
  'operations/filter-bar',
  'operations/sections',
  'operations/calls',
  'operations/copies',
  'operations/sequels',
  'operations/detail-sections',
  'operations/details',
  'operations/announcer',
  'operations/banner',
  'operations/view',
  'sidebar-tab',
  'operations/sidebar',
  'alerts/spoken',
  'alerts/filters',
  'alerts/book',
  'alerts/entries',
  'alerts/row',
  'alerts/rule-view',
  'alerts/silence-form',
  'alerts/detail-sections',
  'alerts/details',
  'alerts/people',
  'alerts/bar',
  'alerts/view',
  'alerts/sidebar',
  'calendar/times',
  'calendar/entry-words',
  'calendar/roving',
  'calendar/list',
  'calendar/week-drag',
  'calendar/week',
  'calendar/details',
  'calendar/window-fields',
  'calendar/window-form',
  'calendar/window-tray',
  'calendar/requests',
  'calendar/clash-list',
  'calendar/bar',
  'calendar/deploy-check',
  'calendar/view',
  'calendar/sidebar',
];

const styles = [
  'editor',
  'rules',
  'approvals',
  'runs',
  'sidebar',
  'operations/operations',
  'alerts/alerts',
  'calendar/calendar',
];

/**
 * The code that all forms share, and the sidebars, as one script in the page of a plugin: plugins load before nodes, and
 * nothing is fetched one by one. Each module keeps a scope of its own.
 */
export function editorHtml(): string {
  const modules = clientModules.map((name) => scoped(name, readFileSync(join(editor, 'client', `${name}.js`), 'utf8')));
  const begin = [
    "window.virtflow = { register: modules['register'].register };",
    "modules['governor'].offerGovernor();",
    "RED.plugins.registerPlugin('virtflow-approvals', { onadd: modules['approvals'].openApprovals });",
    "RED.plugins.registerPlugin('virtflow-runs', { onadd: modules['runs'].registerRunsTab });",
    "modules['operations/sidebar'].registerOperations();",
    "modules['alerts/sidebar'].registerAlerts();",
    "modules['calendar/sidebar'].registerCalendar();",
  ].join('\n');
  const script = `(function () {\n'use strict';\nconst modules = {};\n${modules.join('\n')}\n${begin}\n})();`;
  const style = styles.map((name) => readFileSync(join(editor, 'client', `${name}.css`), 'utf8')).join('\n');
  return `${element('style', {}, `\n${style}`)}\n${element('script', {}, `\n${script}\n`)}\n`;
}

export function editorWords(language: Language): Catalogue {
  return readCatalogue(join(editor, 'locales', language, 'editor.json'));
}

const importing = /^import\s+(\{[^}]*\})\s+from\s+'([^']+)';\n/gm;
const exporting = /^export (?:async )?(?:function|const|class) (\w+)/gm;

/** A module as a function that is called at once: what it imports is there already, for the list above is in that order. */
function scoped(name: string, source: string): string {
  const names = [...source.matchAll(exporting)].map(([, exported]) => exported);
  const body = source
    .replace(
      importing,
      (_, imported: string, from: string) => `const ${imported} = modules['${moduleAt(name, from)}'];\n`,
    )
    .replace(/^export /gm, '')
    .replaceAll('</script', '<\\/script')
    .trim();
  return `modules['${name}'] = (function () {\n${body}\nreturn { ${names.join(', ')} };\n})();`;
}

/** @throws when the module is not there by then */
function moduleAt(importer: string, from: string): string {
  const name = join(dirname(importer), from).replace(/\.js$/, '');
  const [at, own] = [clientModules.indexOf(name), clientModules.indexOf(importer)];
  if (at >= 0 && at < own) return name;
  throw new Error(`${importer} imports ${name}, which does not stand before it in the list of modules`);
}

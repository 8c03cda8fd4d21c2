import { join } from 'node:path';
import { StaticPage } from './static-page.ts';

const editor = join(import.meta.dirname, '..', '..', '..', 'plugins', 'editor');
const own = ['page.js', 'shell.js', 'page.css'];

/** What of the editor's sidebar the page is made of. */
const shared = [
  ...['bar', 'book', 'details', 'detail-sections', 'entries', 'filters', 'people', 'row', 'rule-view', 'silence-form'],
  ...['spoken', 'view'],
].map((name) => `alerts/${name}.js`);
const sharedByAll = [
  'banner',
  'frames',
  'in-order',
  'rest',
  'sections',
  'spoken',
  'states',
  'stream',
  'window-list',
].map((name) => `operations/${name}.js`);
const common = ['api.js', 'dom.js', 'list-row.js', 'words.js'];
const styles = ['sidebar.css', 'operations/operations.css', 'alerts/alerts.css'];
const languages = ['en-US', 'de'];

/** The page of alerts: the list that the editor has in its sidebar, for whoever is told of one and has no editor open. */
export function alertsPage(): StaticPage {
  const inClient = [...shared, ...sharedByAll, ...common, ...styles];
  return new StaticPage({
    base: '/alerts',
    html: join(editor, 'alerts-page', 'page.html'),
    shows: /^\/[\w.:~%-]{1,400}$/,
    files: {
      ...Object.fromEntries(inClient.map((name) => [name, join(editor, 'client', name)])),
      ...Object.fromEntries(own.map((name) => [name, join(editor, 'alerts-page', name)])),
      ...Object.fromEntries(
        languages.map((language) => [`${language}.json`, join(editor, 'locales', language, 'editor.json')]),
      ),
    },
  });
}

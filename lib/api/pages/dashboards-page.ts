import { readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { StaticPage } from './static-page.ts';

const directory = join(import.meta.dirname, '..', '..', '..', 'dashboards', 'page');
const uplot = dirname(createRequire(import.meta.url).resolve('uplot/package.json'));
const own = readdirSync(directory).filter((name) => /\.(js|css)$/.test(name));

/** The page that draws dashboards. */
export function dashboardsPage(): StaticPage {
  return new StaticPage({
    base: '/dashboards',
    html: join(directory, 'page.html'),
    shows: /^\/d\/[\w-]{1,40}(?:\/[\w-]*)?$/,
    files: {
      'uplot.js': join(uplot, 'dist', 'uPlot.esm.js'),
      'uplot.css': join(uplot, 'dist', 'uPlot.min.css'),
      ...Object.fromEntries(own.map((name) => [name, join(directory, name)])),
    },
  });
}

import { readdirSync, readFileSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

/** Where the page stands on a web server, unless somebody mounts it elsewhere. */
export const dashboardsBase = '/dashboards';

const directory = join(import.meta.dirname, '..', '..', '..', 'dashboards', 'page');
const uplot = dirname(createRequire(import.meta.url).resolve('uplot/package.json'));
const script = 'text/javascript; charset=utf-8';
const style = 'text/css; charset=utf-8';

/** The modules of the page, each a file. */
const modules = readdirSync(directory).filter((name) => name.endsWith('.js'));

/** What browsers get: nothing but these. */
const parts: Readonly<Record<string, { readonly path: string; readonly type: string }>> = {
  'uplot.js': { path: join(uplot, 'dist', 'uPlot.esm.js'), type: script },
  'uplot.css': { path: join(uplot, 'dist', 'uPlot.min.css'), type: style },
  'page.css': { path: join(directory, 'page.css'), type: style },
  ...Object.fromEntries(modules.map((name) => [name, { path: join(directory, name), type: script }])),
};

interface Shown {
  readonly status: number;
  readonly type: string;
  readonly text: string;
}

const plain = 'text/plain; charset=utf-8';
const unknown: Shown = { status: 404, type: plain, text: 'Not found\n' };
const refused: Shown = { status: 405, type: plain, text: 'GET alone\n' };

/** The page loads nothing from anywhere else, and nobody else frames it. */
const policy =
  "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src data: blob:; base-uri 'none'; " +
  "form-action 'none'; frame-ancestors 'self'";

/**
 * The page that draws dashboards. It says nothing of anybody's hypervisors and is open to everybody; what it shows it
 * asks for over REST, as whoever looks at it.
 */
export class DashboardsPage {
  readonly #read = new Map<string, string>();

  isFor({ url = '' }: IncomingMessage): boolean {
    return /^\/dashboards(?:[/?]|$)/.test(url);
  }

  /** @param mounted where somebody else's web server has it, and the path below that */
  readonly handle = (
    request: IncomingMessage,
    response: ServerResponse,
    mounted?: { readonly base: string; readonly url: string },
  ): void => {
    const { base, url } = mounted ?? {
      base: dashboardsBase,
      url: (request.url ?? '').slice(dashboardsBase.length),
    };
    const { method = 'GET' } = request;
    const isRead = method === 'GET' || method === 'HEAD';
    const shown = isRead ? this.#shown(base, url.split('?')[0] ?? '') : refused;
    end(request, response, shown);
  };

  #shown(base: string, path: string): Shown {
    const part = parts[/^\/page\/([\w.]+)$/.exec(path)?.[1] ?? ''];
    if (part) return { status: 200, type: part.type, text: this.#text(part.path) };
    if (!/^(?:\/|\/d\/[\w-]{1,40}(?:\/[\w-]*)?)?$/.test(path)) return unknown;
    const page = this.#text(join(directory, 'page.html'));
    // All at once, not each when the one that needs it has come.
    const preloads = [...modules, 'uplot.js'].map((name) => `<link rel="modulepreload" href="{{base}}/page/${name}">`);
    const text = page
      .replace('{{modules}}', preloads.join('\n    '))
      .replaceAll('{{base}}', base.replace(/[^\w/.~-]/g, encodeURIComponent));
    return { status: 200, type: 'text/html; charset=utf-8', text };
  }

  #text(path: string): string {
    const text = this.#read.get(path) ?? readFileSync(path, 'utf8');
    this.#read.set(path, text);
    return text;
  }
}

function end({ method }: IncomingMessage, response: ServerResponse, { status, type, text }: Shown): void {
  response.writeHead(status, {
    'content-type': type,
    'content-security-policy': policy,
    'cache-control': 'no-cache',
    'referrer-policy': 'no-referrer',
    'x-content-type-options': 'nosniff',
    'content-length': String(Buffer.byteLength(text)),
  });
  response.end(method === 'HEAD' ? undefined : text);
}

import { readFileSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';

/** A page and the files that it is made of: what browsers get is nothing but these. */
export interface PageParts {
  /** Where it stands on a web server, unless somebody mounts it elsewhere: `/dashboards`. */
  readonly base: string;
  /** The page, with `{{base}}` and `{{modules}}` where they belong. */
  readonly html: string;
  /** What else is looked at by its own path below the base; the page itself shows it. */
  readonly shows: RegExp;
  /** By their paths below `page/`. */
  readonly files: Readonly<Record<string, string>>;
}

interface Shown {
  readonly status: number;
  readonly type: string;
  readonly text: string;
}

const types: Readonly<Record<string, string>> = {
  js: 'text/javascript; charset=utf-8',
  css: 'text/css; charset=utf-8',
  json: 'application/json; charset=utf-8',
};
const plain = 'text/plain; charset=utf-8';
const unknown: Shown = { status: 404, type: plain, text: 'Not found\n' };
const refused: Shown = { status: 405, type: plain, text: 'GET alone\n' };

/** The page loads nothing from anywhere else, and nobody else frames it. */
const policy =
  "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src data: blob:; base-uri 'none'; " +
  "form-action 'none'; frame-ancestors 'self'";

/**
 * A page of plain modules. It says nothing of anybody's hypervisors and is open to everybody; what it shows it asks for
 * over REST, as whoever looks at it.
 */
export class StaticPage {
  readonly base: string;
  readonly #parts: PageParts;
  readonly #read = new Map<string, string>();

  constructor(parts: PageParts) {
    this.base = parts.base;
    this.#parts = parts;
  }

  isFor({ url = '' }: IncomingMessage): boolean {
    return url.startsWith(this.base) && /^(?:[/?]|$)/.test(url.slice(this.base.length));
  }

  /** @param mounted where somebody else's web server has it, and the path below that */
  readonly handle = (
    request: IncomingMessage,
    response: ServerResponse,
    mounted?: { readonly base: string; readonly url: string },
  ): void => {
    const { base, url } = mounted ?? { base: this.base, url: (request.url ?? '').slice(this.base.length) };
    const { method = 'GET' } = request;
    const isRead = method === 'GET' || method === 'HEAD';
    const shown = isRead ? this.#shown(base, url.split('?')[0] ?? '') : refused;
    end(request, response, shown);
  };

  #shown(base: string, path: string): Shown {
    const { files, html, shows } = this.#parts;
    const name = /^\/page\/([\w./-]+)$/.exec(path)?.[1] ?? '';
    const file = Object.hasOwn(files, name) ? files[name] : undefined;
    if (file !== undefined)
      return { status: 200, type: types[name.split('.').at(-1) ?? ''] ?? plain, text: this.#text(file) };
    if (path !== '' && path !== '/' && !shows.test(path)) return unknown;
    // All at once, not each when the one that needs it has come.
    const modules = Object.keys(files).filter((one) => one.endsWith('.js'));
    const preloads = modules.map((one) => `<link rel="modulepreload" href="{{base}}/page/${one}">`);
    const text = this.#text(html)
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

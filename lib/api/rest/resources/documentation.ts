import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import Type from 'typebox';
import { type Answer, type Route, route } from '../route.ts';

const directory = join(import.meta.dirname, '..', 'page');
const script = 'text/javascript; charset=utf-8';
const files = {
  'page.html': 'text/html; charset=utf-8',
  'page.css': 'text/css; charset=utf-8',
  'page.js': script,
  'login.js': script,
  'fields.js': script,
  'try.js': script,
  'dom.js': script,
} as const;
type File = keyof typeof files;
const parts = ['page.css', 'page.js', 'login.js', 'fields.js', 'try.js', 'dom.js'] as const satisfies readonly File[];

/** The page loads nothing from anywhere else, and nobody frames it. */
const policy =
  "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src data:; base-uri 'none'; form-action 'none'; " +
  "frame-ancestors 'self'";

/** The description of the API, and a page to read and try it. Open, for they tell what stands in the documentation. */
export function documentationRoutes(describe: (base: string) => object): readonly Route[] {
  return [
    route({
      method: 'GET',
      path: '/openapi.json',
      id: 'openapi',
      tag: 'service',
      summary: 'This description, as OpenAPI 3.1',
      isOpen: true,
      answers: { 200: { description: 'The document.', schema: Type.Record(Type.String(), Type.Unknown()) } },
      handle: ({ base }) => ({ status: 200, body: describe(base) }),
    }),
    route({
      method: 'GET',
      path: '/docs',
      id: 'docs',
      tag: 'service',
      summary: 'A page to read and try the API',
      isOpen: true,
      answers: { 200: { description: 'The page.', contentType: 'text/html', schema: Type.String() } },
      handle: () => page('page.html'),
    }),
    ...parts.map((file) =>
      route({
        method: 'GET',
        path: `/docs/${file}`,
        id: file,
        tag: 'service',
        summary: 'A part of the page',
        isOpen: true,
        isHidden: true,
        answers: {},
        handle: () => page(file),
      }),
    ),
  ];
}

const read = new Map<File, string>();

function page(file: File): Answer {
  const text = read.get(file) ?? readFileSync(join(directory, file), 'utf8');
  read.set(file, text);
  return { status: 200, text, headers: { 'content-type': files[file], 'content-security-policy': policy } };
}

import Type from 'typebox';
import { failed, type Means, reasonOf } from './notifier.ts';

export const httpAddress = Type.String({
  title: 'Address',
  description: 'Where it is sent, from http:// or https:// on.',
  pattern: '^https?://',
  maxLength: 2_000,
});
/** What may hold a secret says `writeOnly`: nodes keep it among their credentials, and no list shows it. */
export const secret = (title: string, description: string) =>
  Type.String({ title, description, minLength: 1, writeOnly: true });
export const authority = Type.String({
  title: 'Authority',
  description: 'The certificate of an authority of your own, in PEM.',
  contentMediaType: 'application/x-pem-file',
});
export const closed = { additionalProperties: false };

interface Request {
  readonly method?: 'POST' | 'PUT';
  readonly headers?: Readonly<Record<string, string>>;
  readonly body: string;
}

const answerShown = 200;

/** Sends a request, and answers the body. Redirects are not followed: a secret must not go where nobody sent it. */
export async function post(type: string, url: string, request: Request, { signal }: Means): Promise<string> {
  const { method = 'POST', headers = {}, body } = request;
  let response: Response;
  let text: string;
  try {
    response = await fetch(url, { method, headers, body, signal, redirect: 'manual' });
    text = await response.text();
  } catch (error) {
    throw failed(type, reasonOf(error), error);
  }
  if (response.ok) return text;
  throw failed(type, `it answered ${response.status} ${text.slice(0, answerShown).trim()}`.trim());
}

export const json = { 'content-type': 'application/json' } as const;

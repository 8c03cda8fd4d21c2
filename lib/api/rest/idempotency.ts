import { VirtflowError } from '../../model/errors.ts';

/** The header, for the documentation of a route. */
export const keyHeader = { 'Idempotency-Key': 'Makes a request that is sent twice one request, for seven days.' };

type Headers = Readonly<Record<string, string | undefined>>;

/** The key of a request, which stands for all that its body asks for. @throws REQUEST_INVALID */
export function keyOf({ headers, body }: { readonly headers: Headers; readonly body: unknown }) {
  const key = headers['idempotency-key'];
  if (key === undefined) return undefined;
  if (/^[\x21-\x7e]{1,200}$/.test(key)) return { key, asked: body };
  throw new VirtflowError('REQUEST_INVALID', {
    reason: 'its Idempotency-Key is not 1 to 200 printable characters without a space',
  });
}

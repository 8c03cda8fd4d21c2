import { createHmac } from 'node:crypto';
import Type from 'typebox';
import { closed, httpAddress, json, post, secret } from './http.ts';
import type { Notifier } from './notifier.ts';

const settings = Type.Object(
  {
    url: httpAddress,
    secret: Type.Optional(secret('Key', 'The key of the signature that each message carries.')),
    headers: Type.Optional(
      Type.Record(Type.String({ pattern: '^[A-Za-z0-9-]{1,60}$' }), Type.String(), {
        title: 'Headers',
        description: 'More headers, as JSON: a name and a text each, which may name a secret.',
      }),
    ),
  },
  closed,
);

/**
 * JSON by POST. `X-Virtflow-Signature: t=<ms>,v1=<hex>` is the HMAC-SHA256 of `<ms>.<body>`, so that nobody sends an old
 * one again; `Idempotency-Key` is the same when it is sent again by us.
 */
export const webhook: Notifier<typeof settings> = {
  type: 'webhook',
  settings,
  async send({ url, secret, headers = {} }, { data, id }, means) {
    const body = JSON.stringify(data);
    const own = Object.entries(headers).map(([name, value]) => [name, means.reveal(value)]);
    const signed =
      secret === undefined ? {} : { 'x-virtflow-signature': signature(means.reveal(secret), body, Date.now()) };
    const all = { ...Object.fromEntries(own), ...json, 'idempotency-key': id, ...signed };
    await post('webhook', means.reveal(url), { headers: all, body }, means);
    return 'accepted';
  },
};

export function signature(secret: string, body: string, at: number): string {
  return `t=${at},v1=${createHmac('sha256', secret).update(`${at}.${body}`).digest('hex')}`;
}

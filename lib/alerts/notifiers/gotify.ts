import Type from 'typebox';
import { closed, httpAddress, json, post, secret } from './http.ts';
import type { Notifier } from './notifier.ts';

const settings = Type.Object(
  { server: httpAddress, token: secret('Token', 'Of the application in Gotify that the messages belong to.') },
  closed,
);

const priorities = { info: 3, warning: 6, critical: 9 } as const;

/** https://gotify.net/api-docs#/message/createMessage; the token goes in a header, so that no log of theirs has it. */
export const gotify: Notifier<typeof settings> = {
  type: 'gotify',
  settings,
  async send({ server, token }, { title, text, severity, status, link }, means) {
    const click = link === null ? {} : { 'client::notification': { click: { url: link } } };
    const priority = status === 'resolved' ? 3 : priorities[severity];
    const body = JSON.stringify({ title, message: text, priority, extras: click });
    const headers = { ...json, 'x-gotify-key': means.reveal(token) };
    await post('gotify', `${server.replace(/\/$/, '')}/message`, { headers, body }, means);
    return 'accepted';
  },
};

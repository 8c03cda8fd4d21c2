import Type from 'typebox';
import { closed, httpAddress, json, post, secret } from './http.ts';
import type { Notifier } from './notifier.ts';

const settings = Type.Object(
  {
    server: httpAddress,
    room: Type.String({ title: 'Room', description: 'Its id, which begins with an exclamation mark.', pattern: '^!' }),
    token: secret('Token', 'An access token of the account that writes there.'),
  },
  closed,
);

/** Matrix client-server API v3, `PUT …/send/m.room.message/{txnId}`: the same id again is the same message to the server. */
export const matrix: Notifier<typeof settings> = {
  type: 'matrix',
  settings,
  async send({ server, room, token }, { id, title, text, html }, means) {
    const path = `_matrix/client/v3/rooms/${encodeURIComponent(room)}/send/m.room.message/${encodeURIComponent(id)}`;
    const inner = /<body[^>]*>([\s\S]*)<\/body>/.exec(html)?.[1]?.trim() ?? html;
    const content = {
      msgtype: 'm.text',
      body: `${title}\n${text}`,
      format: 'org.matrix.custom.html',
      formatted_body: inner.replaceAll(/ style="[^"]*"/g, ''),
    };
    const headers = { ...json, authorization: `Bearer ${means.reveal(token)}` };
    const url = `${server.replace(/\/$/, '')}/${path}`;
    await post('matrix', url, { method: 'PUT', headers, body: JSON.stringify(content) }, means);
    return 'sent';
  },
};

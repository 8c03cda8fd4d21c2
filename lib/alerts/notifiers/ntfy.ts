import Type from 'typebox';
import { closed, httpAddress, json, post, secret } from './http.ts';
import type { Notifier } from './notifier.ts';

const settings = Type.Object(
  {
    server: httpAddress,
    topic: Type.String({ title: 'Topic', description: 'Letters, digits, - and _.', pattern: '^[-_A-Za-z0-9]{1,64}$' }),
    token: Type.Optional(secret('Token', 'Where the server asks for one.')),
  },
  closed,
);

const priorities = { info: 3, warning: 4, critical: 5 } as const;

/** https://docs.ntfy.sh/publish/#publish-as-json */
export const ntfy: Notifier<typeof settings> = {
  type: 'ntfy',
  settings,
  async send({ server, topic, token }, { title, text, severity, status, link }, means) {
    const isOver = status === 'resolved';
    const tags = [isOver ? 'white_check_mark' : severity === 'critical' ? 'rotating_light' : 'warning'];
    const about = { priority: isOver ? 3 : priorities[severity], tags, ...(link === null ? {} : { click: link }) };
    const body = JSON.stringify({ topic, title, message: text, ...about });
    const headers = token === undefined ? json : { ...json, authorization: `Bearer ${means.reveal(token)}` };
    await post('ntfy', server, { headers, body }, means);
    return 'published';
  },
};

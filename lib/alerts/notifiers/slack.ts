import Type from 'typebox';
import { closed, json, post, secret } from './http.ts';
import type { Notifier } from './notifier.ts';

const settings = Type.Object(
  {
    url: secret('Incoming webhook', 'Its address, which is a secret itself; Mattermost and Rocket.Chat have the same.'),
  },
  closed,
);

const colours = { info: '#1565c0', warning: '#b26a00', critical: '#b71c1c' } as const;
const longest = 3_000;

/** https://api.slack.com/messaging/webhooks; Mattermost and Rocket.Chat take the same. The address itself is the secret. */
export const slack: Notifier<typeof settings> = {
  type: 'slack',
  settings,
  async send({ url }, { title, text, severity, status }, means) {
    const color = status === 'resolved' ? '#2e7d32' : colours[severity];
    const attachments = [{ color, text: plain(text.length > longest ? `${text.slice(0, longest)} …` : text) }];
    const body = JSON.stringify({ text: plain(title), attachments });
    await post('slack', means.reveal(url), { headers: json, body }, means);
    return 'accepted';
  },
};

/** The three signs that Slack reads as its own. */
function plain(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}

import type { Message, Send } from './red.ts';

/** Sends a list in one message, or each of it in a message of its own that a Join node can put together again. */
export function sendList(send: Send, message: Message, items: readonly unknown[], output: string): void {
  if (output === 'list' || items.length === 0) {
    message.payload = items;
    send(message);
    return;
  }
  const id = message._msgid;
  const each = items.map((payload, index) => {
    return { ...message, payload, parts: { id, type: 'array', index, count: items.length, len: 1 } };
  });
  send([each]);
}

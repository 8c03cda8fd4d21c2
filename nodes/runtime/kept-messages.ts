import { fromPlain, toPlain } from '../../lib/runs/plain.ts';
import type { NodeContext } from './node-context.ts';
import type { Message } from './red.ts';

/** Characters of JSON. */
const mostOfMessage = 256 * 1024;
const mostNamed = 10;

/** A node's messages as they are kept on disk. What cannot be kept is named once, for it comes with each message. */
export class KeptMessages {
  readonly #node: NodeContext;
  #named = '';

  constructor(node: NodeContext) {
    this.#node = node;
  }

  write(message: Message): unknown {
    const { value, left } = toPlain(message, mostOfMessage);
    if (left.length > 0) this.#name(left);
    return value;
  }

  read(kept: unknown): Message {
    const message = fromPlain(kept);
    return typeof message === 'object' && message !== null ? { ...message } : {};
  }

  #name(left: readonly string[]): void {
    const more = left.length > mostNamed ? ' …' : '';
    const parts = `${left.slice(0, mostNamed).join(', ')}${more}`;
    if (parts === this.#named) return;
    this.#named = parts;
    this.#node.warn(this.#node.words('warnings.left', { parts }));
  }
}

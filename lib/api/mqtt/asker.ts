import { createHash } from 'node:crypto';
import type { IPublishPacket } from 'mqtt';
import { VirtflowError } from '../../model/errors.ts';
import type { Topics } from './topics.ts';

/** Where a reply goes, and how its receiver knows what it answers. */
export interface Asker {
  readonly correlationId: string | undefined;
  readonly replyTopic: string | undefined;
  readonly correlationData: Buffer | undefined;
}

/**
 * MQTT 5 says in the packet where to reply, and with what; MQTT 3 says it in the payload, by a correlation id. Either
 * way the correlation id is what makes a command that comes twice one command.
 * @throws MESSAGE_INVALID
 */
export function askerOf(
  packet: Pick<IPublishPacket, 'properties'>,
  correlationId: string | undefined,
  topics: Topics,
): Asker {
  const { responseTopic, correlationData } = packet.properties ?? {};
  const id = correlationId ?? (correlationData?.length ? textOf(correlationData) : undefined);
  if (responseTopic !== undefined && !topics.mayReplyOn(responseTopic)) {
    throw new VirtflowError('MESSAGE_INVALID', { reason: 'replies cannot be sent to its response topic' });
  }
  const replyTopic = responseTopic ?? (id === undefined ? undefined : topics.reply(id));
  return { correlationId: id, replyTopic, correlationData };
}

/** Correlation data is bytes: their text when they are a short one, otherwise their digest. */
function textOf(data: Buffer): string {
  const text = data.toString('utf8');
  if (/^[\x20-\x7e]{1,200}$/.test(text)) return text;
  return `sha256-${createHash('sha256').update(data).digest('hex')}`;
}

import type { IPublishPacket } from 'mqtt';
import type { Access } from '../../access/access.ts';
import type { Approval } from '../../approvals/approval.ts';
import type { Approvals, GivenAnswer } from '../../approvals/approvals.ts';
import { toVirtflowError, VirtflowError } from '../../model/errors.ts';
import type { Unsubscribe } from '../../model/feed.ts';
import type { Log } from '../../model/log.ts';
import { approvalView } from '../approval-view.ts';
import { askerOf } from './asker.ts';
import { correlationIdIn, parseObject } from './command.ts';
import type { FactSink } from './facts.ts';
import type { Topics } from './topics.ts';

/** What approvals on MQTT need of the house. */
export interface ApprovalRooms {
  readonly access: Access;
  readonly approvals: { readonly approvals: Approvals };
  readonly log: Log;
}

type Sink = FactSink & { says(topic: string): boolean };

const known: readonly string[] = ['decision', 'round', 'form', 'comment', 'correlationId'];

/** Tells what is to be approved, retained until it is answered, and takes answers as the service mqtt. */
export class MqttApprovals {
  readonly #rooms: ApprovalRooms;
  readonly #topics: Topics;
  readonly #sink: Sink;
  #unsubscribe: Unsubscribe | undefined;

  constructor(rooms: ApprovalRooms, topics: Topics, sink: Sink) {
    this.#rooms = rooms;
    this.#topics = topics;
    this.#sink = sink;
  }

  start(): void {
    const { approvals } = this.#rooms.approvals;
    this.#unsubscribe = approvals.events.subscribe(({ approval }) => this.#tell(approval));
    for (const approval of approvals.list('pending')) this.#tell(approval);
  }

  stop(): void {
    this.#unsubscribe?.();
  }

  /** One that an earlier run left at the broker; nobody waits for it any more. */
  found(topic: string, payload: Buffer): void {
    if (payload.length > 0 && !this.#sink.says(topic)) this.#sink.state(topic, '');
  }

  handle(topic: string, payload: Buffer, packet: Pick<IPublishPacket, 'retain' | 'properties'>): void {
    this.#take(topic, payload, packet).catch((error: unknown) => {
      this.#rooms.log.warn(`MQTT answer on ${topic.slice(0, 200)}: ${toVirtflowError(error).message}`);
    });
  }

  async #take(topic: string, payload: Buffer, packet: Pick<IPublishPacket, 'retain' | 'properties'>): Promise<void> {
    const asker = askerOf(packet, correlationIdIn(payload), this.#topics);
    const reply = (about: object) => {
      const { replyTopic, correlationData, correlationId = null } = asker;
      if (replyTopic === undefined) return;
      const text = JSON.stringify({ correlationId, at: Date.now(), ...about });
      this.#sink.message({
        topic: replyTopic,
        payload: text,
        qos: 1,
        retain: false,
        ...(correlationData && { correlationData }),
      });
    };
    try {
      if (packet.retain) throw invalid('a retained answer would be given again each time we connect');
      const approval = await this.#answer(this.#topics.answeredIn(topic) ?? '', parseAnswer(payload));
      reply({ type: 'answered', approval: await this.#view(approval) });
    } catch (thrown) {
      const error = toVirtflowError(thrown);
      reply({ type: 'refused', error: error.toJSON() });
      throw error;
    }
  }

  #answer(id: string, given: GivenAnswer): Promise<Approval> {
    const who = this.#rooms.access.principals.named('mqtt');
    return this.#rooms.approvals.approvals.answer(id, given, { who, via: 'mqtt' });
  }

  #tell(approval: Approval): void {
    const topic = this.#topics.approval(approval.id);
    if (approval.state !== 'pending') {
      this.#sink.removeState(topic);
      return;
    }
    this.#view(approval).then(
      (view) => this.#isLatest(approval) && this.#sink.state(topic, JSON.stringify(view)),
      (error: unknown) => this.#rooms.log.warn(`An approval could not be told over MQTT: ${String(error)}`),
    );
  }

  /** The view took a moment, in which it may have been answered. */
  #isLatest(approval: Approval): boolean {
    return this.#rooms.approvals.approvals.find(approval.id) === approval;
  }

  #view(approval: Approval) {
    const { access } = this.#rooms;
    return approvalView(approval, access.sight(access.principals.named('mqtt')));
  }
}

/** @throws MESSAGE_INVALID */
function parseAnswer(payload: Buffer): GivenAnswer {
  const body = parseObject(payload);
  for (const key of Object.keys(body)) {
    if (!known.includes(key)) throw invalid(`"${key.slice(0, 50)}" is none of ${known.join(', ')}`);
  }
  const { decision, round, form, comment } = body;
  if (decision !== 'grant' && decision !== 'deny') throw invalid('decision is neither "grant" nor "deny"');
  if (typeof round !== 'number') throw invalid('round is not the number that the approval tells');
  if (comment !== undefined && typeof comment !== 'string') throw invalid('comment is not a text');
  return { decision, round, form, ...(comment === undefined ? {} : { comment }) };
}

function invalid(reason: string): VirtflowError {
  return new VirtflowError('MESSAGE_INVALID', { reason });
}

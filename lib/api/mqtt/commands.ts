import type { IPublishPacket } from 'mqtt';
import type { ActionRegistry } from '../../actions/registry.ts';
import { toVirtflowError, VirtflowError } from '../../model/errors.ts';
import type { Log } from '../../model/log.ts';
import type { Operation, OperationRequest, Origin } from '../../operations/operation.ts';
import { type GroupDesk, GroupRequests } from '../group-requests.ts';
import { operationView } from '../operation-view.ts';
import { type RequestRooms, Requests, type Started } from '../requests.ts';
import { type Asker, askerOf } from './asker.ts';
import { type Command, type Common, correlationIdIn, parseCommand } from './command.ts';
import { parseGroupCommand, parseSequelCommand } from './group-command.ts';
import { commandHouse, type HouseRooms, isHouseCommand } from './house-commands.ts';
import type { OutgoingMessage } from './outbox.ts';
import { finished, type Reply } from './reply.ts';
import type { Topics } from './topics.ts';

/** What commands need of the house. */
export interface CommandRooms extends RequestRooms, HouseRooms {
  readonly access: RequestRooms['access'] & HouseRooms['access'];
  readonly actions: ActionRegistry;
  readonly operations: OperationsDesk;
  readonly log: Log;
}

/** Where operations are asked for and followed. */
export interface OperationsDesk extends GroupDesk {
  submit(request: OperationRequest): Promise<Operation>;
  requestCancel(id: string, origin: Origin): Promise<Operation>;
  finished(id: string, signal?: AbortSignal): Promise<Operation>;
}

const own: Origin = { through: 'mqtt', principal: 'mqtt' };
const commandsLimit = 1_000;
const complainEveryMs = 1_000;

/** Takes command messages, has them done as operations, and replies. Nothing that arrives makes it throw. */
export class Commands {
  readonly #rooms: CommandRooms;
  readonly #topics: Topics;
  readonly #send: (message: OutgoingMessage) => void;
  readonly #requests: Requests;
  readonly #groups: GroupRequests;
  readonly #underWay = new Set<Promise<void>>();
  #stop = new AbortController();
  #complainedAt = Number.NEGATIVE_INFINITY;
  #untold = 0;

  constructor(rooms: CommandRooms, topics: Topics, send: (message: OutgoingMessage) => void) {
    this.#rooms = rooms;
    this.#topics = topics;
    this.#send = send;
    this.#requests = new Requests(rooms);
    this.#groups = new GroupRequests(rooms);
  }

  /** Waits for no operation: each goes on, and its reply is given when the command is delivered again. */
  async stop(): Promise<void> {
    this.#stop.abort();
    await Promise.all(this.#underWay);
    this.#stop = new AbortController();
  }

  handle(topic: string, payload: Buffer, packet: Pick<IPublishPacket, 'retain' | 'properties'>): void {
    const work = this.#handle(topic, payload, packet).finally(() => this.#underWay.delete(work));
    this.#underWay.add(work);
  }

  async #handle(topic: string, payload: Buffer, packet: Pick<IPublishPacket, 'retain' | 'properties'>): Promise<void> {
    let asker: Asker = { replyTopic: undefined, correlationData: undefined, correlationId: undefined };
    try {
      asker = askerOf(packet, correlationIdIn(payload), this.#topics);
      if (packet.retain) throw invalid('a retained command would be done again each time we connect');
      if (this.#underWay.size > commandsLimit) throw new VirtflowError('COMMANDS_TOO_MANY', { limit: commandsLimit });
      const name = this.#topics.actionOf(topic) ?? '';
      if (isHouseCommand(name)) await this.#commandHouse(name, parseCommand(payload), asker);
      else await this.#perform(await this.#begin(name, payload, asker), asker);
    } catch (thrown) {
      if (this.#stop.signal.aborted) return;
      this.#refuse(topic, asker, toVirtflowError(thrown));
    }
  }

  /** Has begun what a command names: an action, a group, or what follows from an operation. */
  async #begin(name: string, payload: Buffer, asker: Asker): Promise<Started> {
    switch (name) {
      case 'group':
        return one(this.#groups.start(asked(parseGroupCommand(payload), asker)));
      case 'undo':
        return one(this.#groups.undo(asked(parseSequelCommand(payload), asker)));
      case 'retry':
        return one(this.#groups.retry(asked(parseSequelCommand(payload), asker)));
      case 'cancel':
        return one(this.#rooms.operations.requestCancel(parseSequelCommand(payload).operation, own));
      default: {
        const action = this.#rooms.actions.get(name);
        return this.#requests.start({ ...asked(parseCommand(payload), asker), action });
      }
    }
  }

  async #perform({ operations, refused }: Started, asker: Asker): Promise<void> {
    this.#reply(asker, { type: 'accepted', operations: operations.map(operationView), refused });
    const ended = await Promise.all(operations.map((operation) => this.#ended(operation)));
    this.#reply(asker, finished(ended, refused));
  }

  /** How others' tasks end is told on `operation/…` alone. */
  async #ended(operation: Operation): Promise<Operation> {
    if (operation.origin.through === 'external') return operation;
    return this.#rooms.operations.finished(operation.id, this.#stop.signal);
  }

  async #commandHouse(name: string, command: Command, asker: Asker): Promise<void> {
    const result = await commandHouse(this.#rooms, name, command, own);
    this.#reply(asker, { ...finished([], []), ...(result === undefined ? {} : { result }) });
  }

  #refuse(topic: string, asker: Asker, error: VirtflowError): void {
    this.#complain(`MQTT message on ${topic.slice(0, 200)} refused: ${error.message} [${error.code}]`);
    this.#reply(asker, { type: 'refused', error: error.toJSON() });
  }

  /** Somebody who sends a thousand a second does not fill the log with them. */
  #complain(text: string): void {
    this.#untold += 1;
    const now = performance.now();
    if (now - this.#complainedAt < complainEveryMs) return;
    const others = this.#untold - 1;
    this.#rooms.log.warn(others > 0 ? `${text}; so were ${others} before it` : text);
    this.#complainedAt = now;
    this.#untold = 0;
  }

  #reply(asker: Asker, reply: Reply): void {
    const { replyTopic, correlationData, correlationId } = asker;
    if (replyTopic === undefined) return;
    const payload = JSON.stringify({ correlationId: correlationId ?? null, at: Date.now(), ...reply });
    this.#send({ topic: replyTopic, payload, qos: 1, retain: false, ...(correlationData && { correlationData }) });
  }
}

/** The correlation id is the key: it may stand in the packet. */
function asked<C extends Common>(command: C, { correlationId }: Asker) {
  return { ...command, origin: own, key: correlationId === undefined ? undefined : { key: correlationId } };
}

async function one(operation: Promise<Operation>): Promise<Started> {
  return { operations: [await operation], refused: [] };
}

function invalid(reason: string): VirtflowError {
  return new VirtflowError('MESSAGE_INVALID', { reason });
}

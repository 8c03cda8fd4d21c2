import type { IPublishPacket } from 'mqtt';
import type { AnyAction } from '../../actions/action.ts';
import type { ActionRegistry } from '../../actions/registry.ts';
import type { Connections } from '../../connections/connections.ts';
import type { Inventory } from '../../inventory/inventory.ts';
import { resolveTarget } from '../../inventory/target.ts';
import { toVirtflowError, VirtflowError } from '../../model/errors.ts';
import type { Log } from '../../model/log.ts';
import { formatRef, refOf } from '../../model/reference.ts';
import type { Operation, OperationRequest } from '../../operations/operation.ts';
import type { States } from '../../store/store.ts';
import { type Asker, askerOf } from './asker.ts';
import { type Command, correlationIdIn, parseCommand } from './command.ts';
import { CommandLog } from './command-log.ts';
import type { OutgoingMessage } from './outbox.ts';
import { finished, operationView, type RefusedTarget, type Reply } from './reply.ts';
import type { Topics } from './topics.ts';

type Target = OperationRequest['target'];

/** What commands need of the house. */
export interface CommandRooms {
  readonly actions: ActionRegistry;
  readonly inventory: Inventory;
  readonly connections: Connections;
  readonly operations: OperationsDesk;
  readonly states: States;
  readonly log: Log;
}

/** Where operations are asked for and followed. */
export interface OperationsDesk {
  submit(request: OperationRequest): Promise<Operation>;
  finished(id: string, signal?: AbortSignal): Promise<Operation>;
}

const commandsLimit = 1_000;
const complainEveryMs = 1_000;
const pruneEveryMs = 3_600_000;

/** Takes command messages, has them done as operations, and replies. Nothing that arrives makes it throw. */
export class Commands {
  readonly #rooms: CommandRooms;
  readonly #topics: Topics;
  readonly #send: (message: OutgoingMessage) => void;
  readonly #log: CommandLog;
  readonly #underWay = new Set<Promise<void>>();
  #stop = new AbortController();
  #prunedAt = 0;
  #complainedAt = Number.NEGATIVE_INFINITY;
  #untold = 0;

  constructor(rooms: CommandRooms, topics: Topics, send: (message: OutgoingMessage) => void) {
    this.#rooms = rooms;
    this.#topics = topics;
    this.#send = send;
    this.#log = new CommandLog(rooms.states);
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
      const action = this.#rooms.actions.get(this.#topics.actionOf(topic) ?? '');
      await this.#perform(action, parseCommand(payload), asker);
    } catch (thrown) {
      if (this.#stop.signal.aborted) return;
      this.#refuse(topic, asker, toVirtflowError(thrown));
    }
  }

  async #perform(action: AnyAction, command: Command, asker: Asker): Promise<void> {
    const { signal } = this.#stop;
    const targets = await this.#targets(action, command, asker.correlationId);
    const operations: Operation[] = [];
    const refused: RefusedTarget[] = [];
    for (const target of targets) {
      try {
        operations.push(await this.#submit(action, target, command, asker));
      } catch (thrown) {
        if (targets.length === 1) throw thrown;
        refused.push({ target, error: toVirtflowError(thrown).toJSON() });
      }
    }
    this.#reply(asker, { type: 'accepted', operations: operations.map(operationView), refused });
    const ended = await Promise.all(operations.map(({ id }) => this.#rooms.operations.finished(id, signal)));
    this.#reply(asker, finished(ended, refused));
  }

  #submit(action: AnyAction, target: Target, command: Command, asker: Asker): Promise<Operation> {
    return this.#rooms.operations.submit({
      action: action.id,
      target,
      parameters: command.parameters,
      mode: command.mode,
      origin: { through: 'mqtt', principal: 'mqtt' },
      ...(command.timeoutSeconds === undefined ? {} : { timeoutSeconds: command.timeoutSeconds }),
      ...(asker.correlationId === undefined ? {} : { idempotencyKey: keyOf(asker.correlationId, target) }),
    });
  }

  /** What the command means; with a correlation id this is on disk before anything is done. */
  async #targets(action: AnyAction, command: Command, correlationId: string | undefined): Promise<readonly Target[]> {
    if (correlationId === undefined) return this.#resolve(action, command.target);
    const before = this.#log.find(correlationId, action.id);
    if (before) return before.targets;
    const targets = await this.#resolve(action, command.target);
    // Another delivery of the same command may have come in between.
    const meanwhile = this.#log.find(correlationId, action.id);
    if (meanwhile) return meanwhile.targets;
    this.#prune();
    this.#log.keep(correlationId, { action: action.id, targets, at: Date.now() });
    return targets;
  }

  async #resolve(action: AnyAction, target: unknown): Promise<readonly Target[]> {
    const kind = action.target;
    if (kind === 'connection') return [this.#connection(target)];
    return (await resolveTarget(this.#rooms.inventory, target, { kind })).map(refOf);
  }

  #connection(target: unknown): Target {
    if (target === undefined || target === null || target === '') throw new VirtflowError('TARGET_MISSING');
    const named = typeof target === 'object' && 'connection' in target ? target.connection : target;
    if (typeof named !== 'string') throw new VirtflowError('TARGET_INVALID', { reason: 'it names no connection' });
    return { connection: this.#rooms.connections.get(named).name, kind: 'connection' };
  }

  #prune(): void {
    const now = Date.now();
    if (now - this.#prunedAt < pruneEveryMs) return;
    this.#prunedAt = now;
    this.#log.prune(now);
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

function keyOf(correlationId: string, target: Target): string {
  const what = target.kind === 'connection' ? target.connection : formatRef(target);
  return `mqtt:${correlationId}:${what}`;
}

function invalid(reason: string): VirtflowError {
  return new VirtflowError('MESSAGE_INVALID', { reason });
}

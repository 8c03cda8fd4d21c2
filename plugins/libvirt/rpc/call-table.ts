import { readError } from './error-answer.ts';
import { RpcError } from './errors.ts';
import type { Header } from './frame.ts';
import type { Outbox } from './outbox.ts';
import type { PendingCall } from './pending-call.ts';
import type { Procedure } from './procedure.ts';
import { DAEMON_REQUESTS, Status } from './protocol.ts';
import type { XdrReader } from './xdr-reader.ts';

/** One request of the daemon's five is kept free for calls that never wait for a guest. */
const MAX_BLOCKING = DAEMON_REQUESTS - 1;

/** The calls of one connection: those under way by their serial, and those that wait for a place. */
export class CallTable {
  readonly #outbox: Outbox;
  readonly #underWay = new Map<number, PendingCall>();
  readonly #waiting: PendingCall[] = [];
  #serial = 0;
  #blocking = 0;

  constructor(outbox: Outbox) {
    this.#outbox = outbox;
  }

  /** Calls that the daemon has not answered yet, abandoned ones among them. */
  get underWay(): number {
    return this.#underWay.size;
  }

  /** What a call that the daemon has not answered yet is for. */
  procedureOf(serial: number): Procedure | undefined {
    return this.#underWay.get(serial)?.procedure;
  }

  get idle(): boolean {
    return this.#underWay.size === 0 && this.#waiting.length === 0;
  }

  /** One more call that may block would have to wait. */
  get full(): boolean {
    return this.#blocking >= MAX_BLOCKING;
  }

  /** Sends the call, or keeps it until fewer of those that may block are under way. */
  add(call: PendingCall): void {
    if (call.procedure.mayBlock && this.full) this.#waiting.push(call);
    else this.#send(call);
  }

  /** Settles the call that a reply belongs to. @throws RpcError PROTOCOL_VIOLATION when there is none */
  reply(header: Readonly<Header>, payload: XdrReader): void {
    const call = this.#underWay.get(header.serial);
    if (call?.procedure.number !== header.procedure) throw unasked(header);
    this.#underWay.delete(header.serial);
    if (call.procedure.mayBlock) this.#blocking -= 1;
    try {
      settle(call, header, payload);
    } catch (error) {
      call.fail(error);
    }
    this.#sendWaiting();
  }

  /** Fails every call. Those that the daemon has are under way until it answers. */
  abandonAll(error: RpcError): void {
    for (const call of [...this.#underWay.values(), ...this.#waiting.splice(0)]) call.fail(error);
  }

  #sendWaiting(): void {
    while (!this.full) {
      const call = this.#waiting.shift();
      if (!call) return;
      if (!call.settled) this.#send(call);
    }
  }

  #send(call: PendingCall): void {
    const { program, number, encode, mayBlock } = call.procedure;
    const serial = this.#nextSerial();
    try {
      this.#outbox.call(program, number, serial, encode, call.args);
    } catch (error) {
      call.fail(error);
      return;
    }
    this.#underWay.set(serial, call);
    if (mayBlock) this.#blocking += 1;
  }

  #nextSerial(): number {
    this.#serial = this.#serial === 0xffff_ffff ? 1 : this.#serial + 1;
    return this.#serial;
  }
}

function settle(call: PendingCall, header: Readonly<Header>, payload: XdrReader): void {
  if (header.status === Status.error) throw readError(call.procedure.name, payload);
  if (call.settled && !call.hook) return;
  const reply = call.procedure.decode(payload);
  if (payload.remaining > 0) throw oversized(call.procedure.name, payload.remaining);
  call.hook?.(reply, header.serial, call.settled);
  call.fulfil(reply);
}

function oversized(name: string, bytes: number): RpcError {
  return new RpcError('PROTOCOL_VIOLATION', `The reply to ${name} is ${bytes} bytes longer than it should be.`);
}

function unasked({ procedure, serial }: Readonly<Header>): RpcError {
  return new RpcError('PROTOCOL_VIOLATION', `The peer answered a call that was not made: ${procedure}, ${serial}.`);
}

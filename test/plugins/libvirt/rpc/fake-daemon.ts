import { randomUUID } from 'node:crypto';
import { EventEmitter, once } from 'node:events';
import { rmSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { frame, KEEPALIVE, REPLY, words } from './wire.ts';

export interface Received {
  readonly program: number;
  readonly procedure: number;
  readonly type: number;
  readonly serial: number;
  readonly status: number;
  readonly payload: Buffer;
  /** The frame as it came. */
  readonly bytes: Buffer;
}

export type Answer = (call: Received, peer: Peer) => void;

const [OPEN, FEATURE, AUTH_LIST, CLOSE_CALLBACK] = [1, 60, 66, 360] as const;

/** One client's connection, as the daemon sees it. */
export class Peer {
  readonly socket: Socket;

  constructor(socket: Socket) {
    this.socket = socket;
  }

  send(...frames: readonly Buffer[]): void {
    this.socket.write(Buffer.concat(frames));
  }

  /** Answers a call with an OK reply. */
  reply(call: Received, ...payload: readonly Buffer[]): void {
    this.send(frame({ procedure: call.procedure, type: REPLY, serial: call.serial }, ...payload));
  }
}

/** A daemon that says what a test has it say, after it has let the client in. */
export class FakeDaemon {
  readonly path = join(tmpdir(), `fake-libvirt-${randomUUID()}.sock`);
  readonly address = { transport: 'unix', path: this.path } as const;
  readonly received: Received[] = [];
  readonly peers: Peer[] = [];
  readonly #answers = new Map<number, Answer>();
  readonly #news = new EventEmitter();
  readonly #server: Server;

  private constructor() {
    this.#server = createServer((socket) => this.#accept(socket));
    this.on(AUTH_LIST, (call, peer) => peer.reply(call, words(1, 0)));
    this.on(FEATURE, (call, peer) => peer.reply(call, words(1)));
    this.on(OPEN, (call, peer) => peer.reply(call));
    this.on(CLOSE_CALLBACK, (call, peer) => peer.reply(call));
  }

  static async start(): Promise<FakeDaemon> {
    const daemon = new FakeDaemon();
    daemon.#server.listen(daemon.path);
    await once(daemon.#server, 'listening');
    return daemon;
  }

  /** Says how calls of a procedure are answered; without it they are not. */
  on(procedure: number, answer: Answer): this {
    this.#answers.set(procedure, answer);
    return this;
  }

  /** The first client. */
  get peer(): Peer {
    const [peer] = this.peers;
    if (!peer) throw new Error('nobody has connected');
    return peer;
  }

  /** Waits until so many frames that fit have come, and gives them. */
  async heard(fits: (frame: Received) => boolean, count = 1): Promise<Received[]> {
    for (;;) {
      const found = this.received.filter(fits);
      if (found.length >= count) return found;
      await once(this.#news, 'frame');
    }
  }

  async stop(): Promise<void> {
    for (const { socket } of this.peers) socket.destroy();
    this.#server.close();
    await once(this.#server, 'close');
    rmSync(this.path, { force: true });
  }

  #accept(socket: Socket): void {
    const peer = new Peer(socket);
    this.peers.push(peer);
    let rest = Buffer.alloc(0);
    socket.on('error', () => {});
    socket.on('data', (chunk) => {
      rest = Buffer.concat([rest, chunk]);
      while (rest.length >= 4 && rest.length >= rest.readUInt32BE(0)) {
        const length = rest.readUInt32BE(0);
        this.#take(rest.subarray(0, length), peer);
        rest = rest.subarray(length);
      }
    });
  }

  #take(bytes: Buffer, peer: Peer): void {
    const [program = 0, , procedure = 0, type = 0, serial = 0, status = 0] = [4, 8, 12, 16, 20, 24].map((at) =>
      bytes.readUInt32BE(at),
    );
    const call = { program, procedure, type, serial, status, payload: bytes.subarray(28), bytes };
    this.received.push(call);
    if (program !== KEEPALIVE) this.#answers.get(procedure)?.(call, peer);
    this.#news.emit('frame');
  }
}

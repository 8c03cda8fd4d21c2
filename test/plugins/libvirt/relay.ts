import { once } from 'node:events';
import { rm } from 'node:fs/promises';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { procedure, procedureNames } from '../../../plugins/libvirt/rpc/procedure.ts';
import { MessageType } from '../../../plugins/libvirt/rpc/protocol.ts';

/** Stands between a driver and a daemon's socket: breaks what goes through it, and counts the changing calls. */
export class Relay {
  readonly path: string;
  readonly #target: string;
  readonly #sockets = new Set<Socket>();
  #server: Server | undefined;
  #changes = 0;

  constructor(path: string, target: string) {
    this.path = path;
    this.#target = target;
  }

  get changes(): number {
    return this.#changes;
  }

  async listen(): Promise<void> {
    this.#server = createServer((near) => this.#relay(near));
    await once(this.#server.listen(this.path), 'listening');
  }

  /** Cuts every connection; new ones are taken at once. */
  cut(): void {
    for (const socket of this.#sockets) socket.destroy();
  }

  async close(): Promise<void> {
    this.#server?.close();
    this.cut();
    await rm(this.path, { force: true });
  }

  #relay(near: Socket): void {
    const far = connect(this.#target);
    for (const [from, to] of [
      [near, far],
      [far, near],
    ] as const) {
      this.#sockets.add(from);
      from.on('error', () => {});
      from.on('close', () => {
        this.#sockets.delete(from);
        to.destroy();
      });
      from.pipe(to);
    }
    const count = frameReader((program, number, type) => {
      if (type === MessageType.call && changing.has(`${program}/${number}`)) this.#changes += 1;
    });
    near.on('data', count);
  }
}

const changing = new Set(
  procedureNames()
    .map((name) => procedure(name))
    .filter(({ effect }) => effect === 'changes')
    .map(({ program, number }) => `${program}/${number}`),
);

function frameReader(frame: (program: number, procedure: number, type: number) => void): (bytes: Buffer) => void {
  let rest = Buffer.alloc(0);
  return (bytes) => {
    rest = Buffer.concat([rest, bytes]);
    while (rest.length >= 28 && rest.length >= rest.readUInt32BE(0)) {
      frame(rest.readUInt32BE(4), rest.readInt32BE(12), rest.readInt32BE(16));
      rest = rest.subarray(rest.readUInt32BE(0));
    }
  };
}

import { once } from 'node:events';
import { rm } from 'node:fs/promises';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { procedure, procedureNames } from '../../../plugins/libvirt/rpc/procedure.ts';
import { MessageType } from '../../../plugins/libvirt/rpc/protocol.ts';

/**
 * Stands between a driver and a daemon's socket: breaks what goes through it, and counts the changing calls. Only the
 * driver feels a break at once. The daemon does when it has answered, for libvirtd may crash on a client that is gone
 * earlier (docs/decisions/0001-own-libvirt-client.md).
 */
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
    let unanswered = 0;
    const leave = () => unanswered === 0 && near.destroyed && far.destroy();
    const count = frameReader((program, number, type) => {
      if (type !== MessageType.call) return;
      unanswered += 1;
      if (changing.has(`${program}/${number}`)) this.#changes += 1;
    });
    const countDown = frameReader((_program, _number, type) => {
      if (type === MessageType.reply) unanswered -= 1;
      leave();
    });
    this.#sockets.add(near);
    near.on('data', count).on('error', () => {});
    far.on('data', countDown).on('error', () => {});
    near.pipe(far).pipe(near);
    far.on('close', () => near.destroy());
    near.on('close', () => {
      this.#sockets.delete(near);
      far.unpipe(near).resume();
      leave();
    });
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

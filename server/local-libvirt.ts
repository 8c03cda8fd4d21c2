import { connect } from 'node:net';
import { join } from 'node:path';

const answerWithinMs = 500;

/** The libvirt of this machine, when its socket lets us in: the system's, else the user's own session. */
export async function findLocalLibvirt(): Promise<string | undefined> {
  const session = process.env.XDG_RUNTIME_DIR;
  const candidates = [
    { uri: 'qemu+unix:///system', socket: '/run/libvirt/libvirt-sock' },
    { uri: 'qemu+unix:///system', socket: '/run/libvirt/virtqemud-sock' },
    ...(session ? [{ uri: 'qemu+unix:///session', socket: join(session, 'libvirt', 'libvirt-sock') }] : []),
  ];
  for (const { uri, socket } of candidates) if (await opens(socket)) return uri;
  return undefined;
}

function opens(path: string): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>();
  const socket = connect(path);
  socket.setTimeout(answerWithinMs, () => resolve(false));
  socket.once('connect', () => resolve(true));
  socket.once('error', () => resolve(false));
  return promise.finally(() => socket.destroy());
}

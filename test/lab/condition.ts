import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type NetConnectOpts } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';

/**
 * Asks again and again until the answer is not undefined, and gives it.
 * @throws Error naming `what` and the last failure, when the deadline has passed.
 */
export async function until<T>(what: string, probe: () => Promise<T | undefined>, timeoutMs = 30_000): Promise<T> {
  const deadline = performance.now() + timeoutMs;
  let failure: unknown;
  for (let pause = 10; performance.now() < deadline; pause = Math.min(pause * 1.5, 250)) {
    try {
      const answer = await probe();
      if (answer !== undefined) return answer;
    } catch (error) {
      failure = error;
    }
    await delay(pause);
  }
  throw new Error(`${what}: not after ${timeoutMs} ms`, { cause: failure });
}

/** Waits until something accepts connections there; fails at once when `alive` says that nothing ever will. */
export async function untilListening(address: NetConnectOpts, alive: () => boolean, timeoutMs?: number): Promise<void> {
  const what = `a listener on ${'path' in address ? address.path : address.port}`;
  const probe = async (): Promise<true | undefined | Error> => {
    if (!alive()) return new Error(`${what}: its process has ended`);
    return canConnect(address).then((ok) => ok || undefined);
  };
  const answer = await until(what, probe, timeoutMs);
  if (answer instanceof Error) throw answer;
}

async function canConnect(address: NetConnectOpts): Promise<boolean> {
  const socket = connect(address);
  try {
    await once(socket, 'connect');
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}

/** A TCP port on loopback that was free a moment ago. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

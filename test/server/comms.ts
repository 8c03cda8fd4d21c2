/** Somebody at the editor's websocket, who keeps all that arrives. */
export class Comms {
  readonly heard: string[] = [];
  readonly #socket: WebSocket;

  private constructor(socket: WebSocket) {
    this.#socket = socket;
    socket.addEventListener('message', ({ data }) => this.heard.push(String(data)));
  }

  /** Logs in and subscribes to everything; undefined where the login is refused. */
  static async open(url: string, token: string): Promise<Comms | undefined> {
    const socket = new WebSocket(`${url.replace(/^http/, 'ws')}comms`);
    const { promise, resolve } = Promise.withResolvers<boolean>();
    socket.addEventListener('open', () => socket.send(JSON.stringify({ auth: token })));
    socket.addEventListener('message', ({ data }) => resolve(/"auth":"ok"/.test(String(data))));
    socket.addEventListener('close', () => resolve(false));
    const comms = new Comms(socket);
    if (!(await promise)) return undefined;
    for (const topic of ['#', 'debug', 'notification/#', 'status/#']) socket.send(JSON.stringify({ subscribe: topic }));
    return comms;
  }

  close(): void {
    this.#socket.close();
  }
}

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { seeded } from '../../seeded.ts';
import { RestHouse } from './house.ts';
import { malformedRequests } from './malformed-requests.ts';

/** A million for a long run: VIRTFLOW_FUZZ_REQUESTS=1000000 */
const requests = Number(process.env.VIRTFLOW_FUZZ_REQUESTS ?? 20_000);
const lanes = 8;

/** A connection on which requests go out one after the other, whatever they are. */
class Lane {
  readonly #port: number;
  #socket: Socket | undefined;
  #text = '';
  #wake = () => {};

  constructor(port: number) {
    this.#port = port;
  }

  /** Sends what is written, and answers the head and body of what came back. */
  async ask(written: string): Promise<{ head: string; body: string }> {
    const socket = this.#socket ?? (await this.#open());
    this.#text = '';
    socket.write(written, 'latin1');
    for (;;) {
      const answer = this.#whole(written.startsWith('HEAD'));
      if (answer) return answer;
      if (socket.destroyed) throw new Error(`no answer to ${JSON.stringify(written.slice(0, 300))}`);
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }

  close(): void {
    this.#socket?.destroy();
  }

  #whole(isHead: boolean): { head: string; body: string } | undefined {
    // 100 Continue is no answer yet.
    this.#text = this.#text.replace(/^HTTP\/1\.1 1\d\d [^\r]*\r\n\r\n/, '');
    const end = this.#text.indexOf('\r\n\r\n');
    if (end < 0) return undefined;
    const head = this.#text.slice(0, end);
    const length = isHead || / 204 /.test(head) ? 0 : Number(/\r\ncontent-length: (\d+)/i.exec(head)?.[1] ?? 0);
    const body = this.#text.slice(end + 4);
    if (body.length < length) return undefined;
    if (/\r\nconnection: close/i.test(head)) this.#drop();
    return { head, body: body.slice(0, length) };
  }

  async #open(): Promise<Socket> {
    const socket = connect(this.#port, '127.0.0.1').setEncoding('latin1');
    await once(socket, 'connect');
    socket.on('data', (chunk: string) => {
      this.#text += chunk;
      this.#wake();
    });
    socket.on('error', () => {});
    socket.on('close', () => {
      if (this.#socket === socket) this.#socket = undefined;
      this.#wake();
    });
    this.#socket = socket;
    return socket;
  }

  #drop(): void {
    this.#socket?.destroy();
    this.#socket = undefined;
  }
}

describe('malformed requests', function () {
  this.timeout(Math.max(120_000, requests * 3));

  it(`stop nothing, and none is refused without a code: ${requests} of them`, async () => {
    const stray: unknown[] = [];
    const note = (reason: unknown) => stray.push(reason);
    process.on('unhandledRejection', note).on('uncaughtException', note);
    const house = await RestHouse.open('hosts=1&vms=3');
    const statuses = new Map<number, number>();
    let sent = 0;
    const work = async (seed: number) => {
      const next = malformedRequests(seeded(seed), house.admin);
      const lane = new Lane(house.port);
      while (sent < requests) {
        sent += 1;
        const written = next();
        const { head, body } = await lane.ask(written);
        const status = Number(/^HTTP\/1\.1 (\d{3})/.exec(head)?.[1]);
        statuses.set(status, (statuses.get(status) ?? 0) + 1);
        const code = /\r\nvirtflow-error: ([A-Z_]+)/.exec(head)?.[1];
        const asked = `${JSON.stringify(written.slice(0, 300))} ${head}`;
        assert.notEqual(status, 500, asked + body);
        if (status < 400) continue;
        assert.ok(code, asked);
        if (!written.startsWith('HEAD')) assert.equal(JSON.parse(body).code, code, asked);
      }
      lane.close();
    };
    try {
      await Promise.all(Array.from({ length: lanes }, (_, lane) => work(lane + 1)));
      assert.equal((await house.ask('/whoami')).status, 200);
    } finally {
      sent = requests;
      await house.close();
      process.off('unhandledRejection', note).off('uncaughtException', note);
    }
    assert.deepEqual(stray, []);
    assert.ok(
      [200, 400, 401, 404, 405, 415, 422].every((one) => statuses.has(one)),
      JSON.stringify([...statuses]),
    );
  });
});

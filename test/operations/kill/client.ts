import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { type Answer, onLines, type Question, sendLine } from './wire.ts';

type Asked<Q> = Q extends Question ? Omit<Q, 'id'> : never;

/** Asks the hypervisor process. */
export class Client {
  readonly #socket: Socket;
  readonly #waiting = new Map<number, (answer: Answer) => void>();
  #latest = 0;

  private constructor(socket: Socket) {
    this.#socket = socket;
    onLines<Answer>(socket, (answer) => {
      this.#waiting.get(answer.id)?.(answer);
      this.#waiting.delete(answer.id);
    });
  }

  static async connect(port: number): Promise<Client> {
    const socket = connect(port, '127.0.0.1');
    await once(socket, 'connect');
    return new Client(socket);
  }

  ask(question: Asked<Question>): Promise<Answer> {
    const id = ++this.#latest;
    const { promise, resolve } = Promise.withResolvers<Answer>();
    this.#waiting.set(id, resolve);
    sendLine(this.#socket, { id, ...question });
    return promise;
  }

  close(): void {
    this.#socket.destroy();
  }
}

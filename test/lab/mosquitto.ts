import { writeFile } from 'node:fs/promises';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { run } from './command.ts';
import { freePort, untilListening } from './condition.ts';
import { OwnedProcess } from './process.ts';
import { ownDirectory } from './runs.ts';

export interface MosquittoOptions {
  /** A free one unless told. */
  port?: number;
  /** With a user, everybody must log in; without one, nobody has to. */
  user?: string;
  password?: string;
}

/** A mosquitto of its own, on loopback. */
export interface Mosquitto {
  readonly host: string;
  readonly port: number;
  /** `mqtt://127.0.0.1:port`, without the user. */
  readonly url: string;
  /** Stops it and keeps what it retains; restart() brings both back on the same port. May be called again. */
  stop(): Promise<void>;
  restart(): Promise<void>;
}

let count = 0;

/** Starts a broker and waits until it listens. */
export async function startMosquitto(options: MosquittoOptions = {}): Promise<Mosquitto> {
  count += 1;
  const directory = await ownDirectory(`mosquitto-${count}`);
  const port = options.port ?? (await freePort());
  await writeFile(join(directory, 'mosquitto.conf'), await configuration(directory, port, options));
  const broker = new MosquittoBroker(directory, port);
  await broker.restart();
  return broker;
}

/** Under root, mosquitto would become another user, to whom the lab's directory does not belong. */
async function configuration(directory: string, port: number, options: MosquittoOptions): Promise<string> {
  const { user, password = '' } = options;
  const passwords = join(directory, 'passwords');
  if (user !== undefined) {
    await writeFile(passwords, `${user}:${password}\n`, { mode: 0o600 });
    await run('mosquitto_passwd', ['-U', passwords]); // replaces what is clear by its hash; so no argument shows it
  }
  const access = user === undefined ? 'allow_anonymous true' : `allow_anonymous false\npassword_file ${passwords}`;
  return `listener ${port} 127.0.0.1
user ${userInfo().username}
persistence true
persistence_location ${directory}/
log_dest stderr
${access}
`;
}

class MosquittoBroker implements Mosquitto {
  readonly host = '127.0.0.1';
  readonly port: number;
  readonly url: string;
  readonly #config: string;
  #process: OwnedProcess | undefined;

  constructor(directory: string, port: number) {
    this.port = port;
    this.url = `mqtt://${this.host}:${port}`;
    this.#config = join(directory, 'mosquitto.conf');
  }

  async restart(): Promise<void> {
    await this.stop();
    const broker = new OwnedProcess('mosquitto', ['-c', this.#config]);
    this.#process = broker;
    await broker.waitFor(untilListening({ host: this.host, port: this.port }, () => broker.running));
  }

  async stop(): Promise<void> {
    await this.#process?.stop();
  }
}

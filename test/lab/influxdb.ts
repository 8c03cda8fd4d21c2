import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { freePort, until } from './condition.ts';
import { OwnedProcess } from './process.ts';
import { ownDirectory } from './runs.ts';

export interface InfluxDbOptions {
  /** A free one unless told. */
  port?: number;
  /** Where its data stay; a directory that goes with this process unless told. */
  directory?: string;
  /** With a user, everybody must log in; without one, nobody has to. */
  user?: string;
  password?: string;
}

/** An InfluxDB 1.x of its own, on loopback. */
export interface InfluxDb {
  readonly host: string;
  readonly port: number;
  readonly url: string;
  /** Runs InfluxQL and gives the `results` of the answer, with times in nanoseconds. */
  query(statement: string, database?: string): Promise<InfluxResult[]>;
  /** Writes points in line protocol. */
  write(database: string, lines: string): Promise<void>;
  /** Stops it and keeps its data; restart() brings both back on the same port. May be called again. */
  stop(): Promise<void>;
  /** Kills it without warning. */
  kill9(): Promise<void>;
  restart(): Promise<void>;
}

export interface InfluxResult {
  statement_id: number;
  series?: { name: string; tags?: Record<string, string>; columns: string[]; values: unknown[][] }[];
  error?: string;
}

let count = 0;

/** Starts an InfluxDB and waits until it answers. */
export async function startInfluxDb(options: InfluxDbOptions = {}): Promise<InfluxDb> {
  count += 1;
  const own = await ownDirectory(`influxdb-${count}`);
  const data = options.directory ?? own;
  await mkdir(data, { recursive: true });
  const server = new InfluxServer(own, data, options.port ?? (await freePort()), options);
  await server.restart();
  return server;
}

class InfluxServer implements InfluxDb {
  readonly host = '127.0.0.1';
  readonly port: number;
  readonly url: string;
  readonly #config: string;
  readonly #data: string;
  readonly #options: InfluxDbOptions;
  #process: OwnedProcess | undefined;

  constructor(own: string, data: string, port: number, options: InfluxDbOptions) {
    this.port = port;
    this.url = `http://${this.host}:${port}`;
    this.#config = join(own, 'influxdb.conf');
    this.#data = data;
    this.#options = options;
  }

  async restart(): Promise<void> {
    await this.stop();
    await writeFile(this.#config, this.#configuration());
    const server = new OwnedProcess('influxd', ['run', '-config', this.#config], { env: { HOME: this.#data } });
    this.#process = server;
    const ping = async () => {
      if (!server.running) return new Error('it ended');
      return (await fetch(`${this.url}/ping`)).ok || undefined;
    };
    const answer = await server.waitFor(until(`InfluxDB on port ${this.port}`, ping));
    if (answer instanceof Error) await server.waitFor(Promise.reject(answer));
    const { user, password = '' } = this.#options;
    if (user !== undefined) await this.query(`CREATE USER "${user}" WITH PASSWORD '${password}' WITH ALL PRIVILEGES`);
  }

  async query(statement: string, database = ''): Promise<InfluxResult[]> {
    const body = new URLSearchParams({ q: statement, db: database, epoch: 'ns' });
    const answer = await this.#post('/query', body);
    const { results } = (await answer.json()) as { results: InfluxResult[] };
    const failed = results.find(({ error }) => error !== undefined);
    if (failed) throw new Error(`InfluxDB: ${failed.error}`);
    return results;
  }

  async write(database: string, lines: string): Promise<void> {
    await this.#post(`/write?db=${encodeURIComponent(database)}`, lines);
  }

  async stop(): Promise<void> {
    await this.#process?.stop();
  }

  async kill9(): Promise<void> {
    await this.#process?.stop('SIGKILL');
  }

  async #post(path: string, body: URLSearchParams | string): Promise<Response> {
    const { user, password = '' } = this.#options;
    const login = `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`;
    const headers = user === undefined ? {} : { authorization: login };
    const answer = await fetch(this.url + path, { method: 'POST', body, headers });
    if (!answer.ok) throw new Error(`InfluxDB: ${answer.status} ${await answer.text()}`);
    return answer;
  }

  #configuration(): string {
    return `reporting-disabled = true
bind-address = "${this.host}:0"
[meta]
  dir = "${this.#data}/meta"
[data]
  dir = "${this.#data}/data"
  wal-dir = "${this.#data}/wal"
  query-log-enabled = false
[coordinator]
  write-timeout = "60s"
[monitor]
  store-enabled = false
[http]
  bind-address = "${this.host}:${this.port}"
  auth-enabled = ${this.#options.user !== undefined}
  log-enabled = false
[continuous_queries]
  enabled = false
`;
  }
}

import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { freePort, until } from './condition.ts';
import { OwnedProcess } from './process.ts';
import { ownDirectory } from './runs.ts';

export interface PrometheusOptions {
  /** Seconds. */
  readonly intervalSeconds: number;
  /** `host:port` of what it scrapes, at `/metrics`. */
  readonly target: string;
  /** Alerting rules, as a group has them. */
  readonly rules: readonly object[];
}

/** A Prometheus server of its own, on loopback. */
export interface Prometheus {
  readonly url: string;
  /** Its own figures by name; the first of each name. */
  metrics(): Promise<ReadonlyMap<string, number>>;
  stop(): Promise<void>;
}

let count = 0;

/** Starts a server and waits until it is ready. Its configuration is JSON, which is YAML. */
export async function startPrometheus({ intervalSeconds, target, rules }: PrometheusOptions): Promise<Prometheus> {
  count += 1;
  const directory = await ownDirectory(`prometheus-${count}`);
  const port = await freePort();
  const interval = `${intervalSeconds}s`;
  const config = {
    global: { scrape_interval: interval, evaluation_interval: interval, scrape_timeout: interval },
    rule_files: [join(directory, 'rules.json')],
    scrape_configs: [{ job_name: 'lab', static_configs: [{ targets: [target] }] }],
  };
  await writeFile(join(directory, 'rules.json'), JSON.stringify({ groups: [{ name: 'lab', rules }] }));
  await writeFile(join(directory, 'prometheus.json'), JSON.stringify(config));
  const process = new OwnedProcess('prometheus', [
    `--config.file=${join(directory, 'prometheus.json')}`,
    `--storage.tsdb.path=${join(directory, 'data')}`,
    `--web.listen-address=127.0.0.1:${port}`,
  ]);
  const url = `http://127.0.0.1:${port}`;
  await until('Prometheus is ready', async () => (await fetch(`${url}/-/ready`)).ok || undefined);
  return {
    url,
    metrics: async () => figuresIn(await (await fetch(`${url}/metrics`)).text()),
    stop: () => process.stop(),
  };
}

function figuresIn(text: string): ReadonlyMap<string, number> {
  const figures = new Map<string, number>();
  for (const [, name, value] of text.matchAll(/^(\w+)(?:\{[^\n]*\})? (\S+)$/gm)) {
    if (name !== undefined && !figures.has(name)) figures.set(name, Number(value));
  }
  return figures;
}

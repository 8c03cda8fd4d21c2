import { deepStrictEqual, rejects, strictEqual } from 'node:assert/strict';
import { after, before, describe, it } from 'mocha';
import { connectAsync, type MqttClient } from 'mqtt';
import { requireLab } from './availability.ts';
import { type InfluxDb, startInfluxDb } from './influxdb.ts';
import { type Mosquitto, startMosquitto } from './mosquitto.ts';

describe('the lab InfluxDB', () => {
  const servers: InfluxDb[] = [];

  before(async function () {
    await requireLab(this, 'influxdb');
  });

  after(async () => {
    for (const server of servers) await server.stop();
  });

  it('keeps its port and its data over a stop and a kill', async () => {
    const server = await startInfluxDb();
    servers.push(server);
    await server.query('CREATE DATABASE lab');
    await server.write('lab', 'vm,name=web-1 cpu_ratio=0.25 1000');
    await server.stop();
    await rejects(fetch(`${server.url}/ping`));
    await server.restart();
    await server.write('lab', 'vm,name=web-1 cpu_ratio=0.5 2000');
    await server.kill9();
    await server.restart();
    const [result] = await server.query('SELECT cpu_ratio FROM vm', 'lab');
    deepStrictEqual(result?.series?.[0]?.values, [
      [1000, 0.25],
      [2000, 0.5],
    ]);
  });

  it('asks for a login when it was given one', async () => {
    const server = await startInfluxDb({ user: 'writer', password: 'a secret' });
    servers.push(server);
    strictEqual((await fetch(`${server.url}/query?q=SHOW+DATABASES`)).status, 401);
    await server.restart();
    await server.query('CREATE DATABASE lab');
  });

  it('says what is wrong with a query', async () => {
    const [server] = servers;
    await rejects(async () => server?.query('SELECT'), /error parsing query/);
  });
});

describe('the lab mosquitto', () => {
  const brokers: Mosquitto[] = [];

  before(async function () {
    await requireLab(this, 'mosquitto');
  });

  after(async () => {
    for (const broker of brokers) await broker.stop();
  });

  it('carries a message and keeps a retained one over a restart', async () => {
    const broker = await startMosquitto();
    brokers.push(broker);
    strictEqual(await roundTrip(broker.url), 'hello');
    await broker.stop();
    await broker.restart();
    const client = await connectAsync(broker.url, { reconnectPeriod: 0 });
    const heard = nextMessage(client);
    await client.subscribeAsync('lab/#');
    strictEqual(await heard, 'hello');
    await client.endAsync();
  });

  it('asks for a login when it was given one', async () => {
    const broker = await startMosquitto({ user: 'flow', password: 'a secret' });
    brokers.push(broker);
    await rejects(connectAsync(broker.url, { reconnectPeriod: 0 }), /Not authorized/);
    strictEqual(await roundTrip(broker.url, { username: 'flow', password: 'a secret' }), 'hello');
  });
});

async function roundTrip(url: string, login: { username?: string; password?: string } = {}): Promise<string> {
  const client = await connectAsync(url, { ...login, reconnectPeriod: 0 });
  const heard = nextMessage(client);
  await client.subscribeAsync('lab/greeting');
  await client.publishAsync('lab/greeting', 'hello', { qos: 1, retain: true });
  const payload = await heard;
  await client.endAsync();
  return payload;
}

function nextMessage(client: MqttClient): Promise<string> {
  return new Promise((resolve) => client.once('message', (_topic, payload) => resolve(`${payload}`)));
}

import { once } from 'node:events';
import { requireReady } from './availability.ts';
import { defineGuest } from './guests.ts';
import { startHost } from './host.ts';
import { startInfluxDb } from './influxdb.ts';
import { startMosquitto } from './mosquitto.ts';

/** `node test/lab/up.ts`: a host with two guests, InfluxDB and mosquitto, to play with until Ctrl-C. */
async function main(): Promise<void> {
  await requireReady('hosts', 'influxdb', 'mosquitto');
  const host = await startHost('lab');
  for (const name of ['web-1', 'db-1']) await defineGuest(host, { name, network: 'default' });
  await host.virsh('net-start', 'default');
  const influx = await startInfluxDb();
  await influx.query('CREATE DATABASE virtflow');
  const mosquitto = await startMosquitto();
  console.log(`libvirt    unix  ${host.socket}
           TCP   ${host.tcp.host}:${host.tcp.port}   (no authentication; reachable from this machine only)
           virsh -c '${host.uri}' list --all
guests     web-1, db-1: defined and off; they boot in about 3 s
InfluxDB   ${influx.url}   database virtflow, no login
MQTT       ${mosquitto.url}   no login
Ctrl-C ends it all.`);
  const stay = setInterval(() => {}, 60_000);
  await Promise.race([once(process, 'SIGINT'), once(process, 'SIGTERM')]);
  clearInterval(stay);
  await Promise.all([mosquitto.stop(), influx.stop(), host.stop()]);
}

try {
  await main();
} catch (error) {
  console.error((error as Error).message);
  process.exitCode = 1;
}

import assert from 'node:assert/strict';
import { LibvirtError } from '../../../../plugins/libvirt/rpc/errors.ts';
import { LibvirtHost } from '../../../../plugins/libvirt/rpc/host.ts';
import { type LayoutField, parseLayout } from '../../../../plugins/libvirt/rpc/layout.ts';
import { type ProcedureName, procedure, procedureNames } from '../../../../plugins/libvirt/rpc/procedure.ts';
import { PROCEDURES } from '../../../../plugins/libvirt/rpc/procedures.ts';
import { requireLab } from '../../../lab/availability.ts';
import { startTestDaemon, type TestDaemon } from '../../../lab/daemon.ts';
import { runningJob } from './jobs.ts';

/** Would end or alter the connection that the sweep runs on. */
const LEFT_OUT: ReadonlySet<ProcedureName> = new Set([
  'CONNECT_OPEN',
  'CONNECT_CLOSE',
  'AUTH_SASL_INIT',
  'AUTH_SASL_START',
  'AUTH_SASL_STEP',
  'AUTH_POLKIT',
]);

const CPU = `<cpu><arch>x86_64</arch><model>qemu64</model><topology sockets='1' cores='1' threads='1'/></cpu>`;
const RPC_ERROR = 39;
const TYPED_PARAMETERS_MAY_BE_TEXT = 4;

describe('every reading procedure on a real daemon', () => {
  let daemon: TestDaemon;
  let host: LibvirtHost;
  let objects: Readonly<Record<string, unknown>>;

  before(async function () {
    await requireLab(this, 'libvirt-daemon');
    daemon = await startTestDaemon();
    host = await LibvirtHost.open({ address: { transport: 'unix', path: daemon.socket }, uri: 'test:///default' });
    objects = await findObjects(host);
  });
  after(async () => {
    await host?.close();
    await daemon?.stop();
  });

  it('is answered with a reply that fits its layout to the last byte, or with an honest error', async () => {
    const names = procedureNames().filter((name) => {
      const { effect, stream, program } = procedure(name);
      return effect === 'reads' && !stream && !LEFT_OUT.has(name) && program === 0x20008086;
    });
    const [answered, refused, wrong]: [string[], string[], string[]] = [[], [], []];
    for (const name of names) {
      const args = argumentsFor(name, objects);
      if (!args) continue;
      try {
        await host.call(name, args as never);
        answered.push(name);
      } catch (error) {
        const honest = error instanceof LibvirtError && error.code !== RPC_ERROR;
        (honest ? refused : wrong).push(`${name}: ${(error as Error).message}`);
      }
    }
    assert.deepEqual(wrong, []);
    assert.ok(answered.length >= 130, `${answered.length} answered; ${refused.length} refused:\n${refused.join('\n')}`);
  });
});

async function findObjects(host: LibvirtHost): Promise<Readonly<Record<string, unknown>>> {
  const job = runningJob();
  const [dom] = (await host.call('CONNECT_LIST_ALL_DOMAINS', {})).domains;
  const [network] = (await host.call('CONNECT_LIST_ALL_NETWORKS', {})).nets;
  const [pool] = (await host.call('CONNECT_LIST_ALL_STORAGE_POOLS', {})).pools;
  const [iface] = (await host.call('CONNECT_LIST_ALL_INTERFACES', {})).ifaces;
  const [device] = (await host.call('CONNECT_LIST_ALL_NODE_DEVICES', {})).devices;
  assert.ok(dom && network && pool && iface && device);
  const xml = '<volume><name>disk.img</name><capacity>1048576</capacity></volume>';
  const { vol } = await host.call('STORAGE_VOL_CREATE_XML', { pool, xml }, { job });
  const snapshotXml = '<domainsnapshot><name>child</name></domainsnapshot>';
  await host.call(
    'DOMAIN_SNAPSHOT_CREATE_XML',
    { dom, xml_desc: '<domainsnapshot><name>root</name></domainsnapshot>' },
    { job },
  );
  const { snap } = await host.call('DOMAIN_SNAPSHOT_CREATE_XML', { dom, xml_desc: snapshotXml }, { job });
  const checkpointXml = '<domaincheckpoint><name>point</name></domaincheckpoint>';
  const created = host.call('DOMAIN_CHECKPOINT_CREATE_XML', { dom, xml_desc: checkpointXml }, { job });
  const checkpoint = await created.then((reply) => reply.checkpoint).catch(() => undefined);
  return { domain: dom, network, pool, interface: iface, device, volume: vol, snapshot: snap, checkpoint };
}

function argumentsFor(name: ProcedureName, objects: Readonly<Record<string, unknown>>): object | undefined {
  const [, layout = ''] = PROCEDURES[name].split('|');
  const values = parseLayout(layout.trim()).map((field) => [field.name, valueFor(name, field, objects)] as const);
  const possible = values.every(([, value]) => value !== undefined);
  return possible ? Object.fromEntries(values) : undefined;
}

function valueFor(procedureName: string, field: LayoutField, objects: Readonly<Record<string, unknown>>): unknown {
  const { name, type } = field;
  if (type in objects) return objects[type];
  if (name === 'uuid')
    return (
      objects[/^(DOMAIN|NETWORK|STORAGE_POOL)_/.test(procedureName) ? kindOf(procedureName) : ''] as { uuid?: string }
    )?.uuid;
  if (name === 'flags')
    return /PARAMETERS|PARAMS|TUNE|CPU_STATS|BLOCK_STATS/.test(procedureName) && !/^NODE_GET_CPU/.test(procedureName)
      ? TYPED_PARAMETERS_MAY_BE_TEXT
      : 0;
  if (type.endsWith('?')) return null;
  if (type === 'str') return textFor(procedureName, name, objects);
  if (type === 'str[]') return [CPU];
  if (type === 'domain[]') return [objects.domain];
  if (type === 'u32[]') return [4];
  if (/^[iu](32|64)$/.test(type)) return numberFor(name);
  return undefined;
}

function kindOf(procedureName: string): string {
  if (procedureName.startsWith('STORAGE_POOL')) return 'pool';
  return procedureName.startsWith('NETWORK') ? 'network' : 'domain';
}

function textFor(procedureName: string, name: string, objects: Readonly<Record<string, unknown>>): string {
  const nameOf = (kind: string) => (objects[kind] as { readonly name: string }).name;
  if (name === 'name' && procedureName.startsWith('NODE_DEVICE')) return nameOf('device');
  if (name === 'name' && procedureName.startsWith('INTERFACE')) return nameOf('interface');
  if (name === 'name' && procedureName.startsWith('STORAGE_VOL')) return nameOf('volume');
  if (name === 'name' && procedureName.startsWith('DOMAIN_SNAPSHOT')) return nameOf('snapshot');
  if (name === 'name') return nameOf(kindOf(procedureName));
  if (name === 'mac') return (objects.interface as { readonly mac: string }).mac;
  if (name === 'key' || name === 'path') return (objects.volume as { readonly key: string }).key;
  if (/xml/i.test(name)) return CPU;
  return name === 'arch' ? 'x86_64' : 'x';
}

function numberFor(name: string): number {
  if (name === 'id') return 1;
  if (name === 'cpuNum' || name === 'cellNum' || name === 'start_cpu') return -1;
  if (/^max|^n(params|cpumaps)|cellCount|maxcells|ncpus/.test(name))
    return name === 'nparams' || name === 'ncpus' ? 0 : 2;
  return name === 'maplen' ? 1 : 0;
}

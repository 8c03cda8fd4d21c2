import { type Caller, ifSupported, inBatches, unlessGone } from '../daemon.ts';
import { type DomainDefinition, readDomain } from '../domain-xml/domain-definition.ts';
import type { DomainHandle } from '../rpc/index.ts';
import { XmlError } from '../xml/xml-reader.ts';
import { type DomainRecord, powerOf } from './domain-record.ts';

/** virConnectListAllDomainsFlags */
const ListFlag = { running: 16, paused: 32, shutOff: 64, persistent: 4, managedSave: 256, autostart: 1024 } as const;
const State = { running: 1, paused: 3, shutOff: 5 } as const;

/** Reads one domain; undefined when there is none with this UUID. */
export async function readDomainRecord(
  caller: Caller,
  { id: uuid, name }: { readonly id: string; readonly name: string },
): Promise<DomainRecord | undefined> {
  const dom = { uuid, name, id: -1 };
  const record = Promise.all([
    caller.call('DOMAIN_GET_STATE', { dom }),
    caller.call('DOMAIN_GET_XML_DESC', { dom }),
    ifSupported(caller.call('DOMAIN_HAS_MANAGED_SAVE_IMAGE', { dom })),
    caller.call('DOMAIN_IS_PERSISTENT', { dom }),
    ifSupported(caller.call('DOMAIN_GET_AUTOSTART', { dom })),
  ]);
  const answers = await unlessGone(record);
  if (!answers) return undefined;
  const [{ state }, { xml }, save, { persistent }, autostart] = answers;
  return {
    definition: definitionOf(xml, dom),
    power: powerOf(state, save?.result === 1),
    persistent: persistent === 1,
    autostart: autostart?.autostart === 1,
  };
}

/** Reads all domains, by UUID: a few lists, and each one's XML. */
export async function readAllDomains(caller: Caller): Promise<Map<string, DomainRecord>> {
  const list = async (flags: number) => (await caller.call('CONNECT_LIST_ALL_DOMAINS', { flags })).domains;
  const uuids = async (flags: number) => new Set(((await ifSupported(list(flags))) ?? []).map(({ uuid }) => uuid));
  const [all, running, paused, shutOff, persistent, managedSave, autostart] = await Promise.all([
    list(0),
    uuids(ListFlag.running),
    uuids(ListFlag.paused),
    uuids(ListFlag.shutOff),
    uuids(ListFlag.persistent),
    uuids(ListFlag.managedSave),
    uuids(ListFlag.autostart),
  ]);
  const read = async (dom: DomainHandle): Promise<DomainRecord | undefined> => {
    const { uuid } = dom;
    const state = stateIn(uuid, { running, paused, shutOff });
    if (state === undefined) return readDomainRecord(caller, { id: uuid, name: dom.name });
    const described = await unlessGone(caller.call('DOMAIN_GET_XML_DESC', { dom }));
    return (
      described && {
        definition: definitionOf(described.xml, dom),
        power: powerOf(state, managedSave.has(uuid)),
        persistent: persistent.has(uuid),
        autostart: autostart.has(uuid),
      }
    );
  };
  const records = await inBatches(all, read);
  return new Map(records.flatMap((record, i) => (record ? [[all[i]?.uuid ?? '', record] as const] : [])));
}

function stateIn(uuid: string, sets: Record<keyof typeof State, ReadonlySet<string>>): number | undefined {
  if (sets.running.has(uuid)) return State.running;
  if (sets.paused.has(uuid)) return State.paused;
  return sets.shutOff.has(uuid) ? State.shutOff : undefined;
}

/** A definition that cannot be read hides nothing but itself: the domain is still there, with its name. */
function definitionOf(xml: string, { name, uuid }: { readonly name: string; readonly uuid: string }): DomainDefinition {
  try {
    return { ...readDomain(xml), uuid };
  } catch (error) {
    if (!(error instanceof XmlError)) throw error;
    const none = { current: 0, maximum: 0 };
    const empty = { tags: [], memoryBytes: none, vcpus: none, disks: [], nics: [] };
    return { ...empty, uuid, name, description: `Its definition cannot be read: ${error.message}.`, agent: 'unknown' };
  }
}

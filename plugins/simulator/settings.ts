import type { ConnectionSettings } from '../../lib/drivers/driver.ts';
import { VirtflowError } from '../../lib/model/errors.ts';

/** What a world is made of; the same makes the same world. `speed` 0: time stands still unless it is driven. */
export interface WorldShape {
  readonly hosts: number;
  readonly vms: number;
  readonly seed: number;
  readonly speed: number;
}

/** How the way to a world behaves. */
export interface WireSettings {
  /** Real milliseconds that each call takes. */
  readonly latencyMs: number;
  /** Share of calls that fail, 0 to 1. */
  readonly errorRate: number;
}

export interface SimulatorSettings {
  readonly world: string;
  /** What the URI says; a world that exists keeps its own where the URI says nothing. */
  readonly shape: Partial<WorldShape>;
  readonly wire: WireSettings;
}

export const defaultShape: WorldShape = { hosts: 3, vms: 12, seed: 7, speed: 1 };
const defaultWorld = 'default';

interface Limits {
  readonly from: number;
  readonly to: number;
  readonly whole: boolean;
}

const limits = {
  hosts: { from: 1, to: 1000, whole: true },
  vms: { from: 0, to: 20_000, whole: true },
  seed: { from: 0, to: 2 ** 31 - 1, whole: true },
  speed: { from: 0, to: 100_000, whole: false },
  latencyMs: { from: 0, to: 60_000, whole: false },
  errorRate: { from: 0, to: 1, whole: false },
} as const satisfies Record<keyof WorldShape | keyof WireSettings, Limits>;

type Parameter = keyof typeof limits;
const isParameter = (key: string): key is Parameter => Object.hasOwn(limits, key);
const example = 'simulator:///?hosts=3&vms=12&seed=7&speed=1&latencyMs=5&errorRate=0';

/**
 * Reads `simulator:///world?hosts=3&vms=12&seed=7&speed=1&latencyMs=5&errorRate=0`; all parts may be left out.
 * @throws CONNECTION_SETTINGS_INVALID
 */
export function readSettings(settings: Pick<ConnectionSettings, 'name' | 'uri'>): SimulatorSettings {
  const refuse = (reason: string, hint: string) =>
    new VirtflowError('CONNECTION_SETTINGS_INVALID', { connection: settings.name, reason, hint });
  const url = readUrl(settings.uri);
  if (url?.protocol !== 'simulator:') {
    throw refuse(`"${settings.uri}" is not a URI of the simulator`, `An example: ${example}.`);
  }
  if (url.host !== '' || url.username !== '' || url.hash !== '') {
    throw refuse('it names a host, a user or a fragment', `The simulator has none: write ${example}.`);
  }
  const world = url.pathname.replace(/^\/+/, '');
  if (!/^[\w.-]{0,64}$/.test(world)) {
    throw refuse(`the world's name "${world}" is not usable`, 'It holds letters, digits, dot, dash and underscore.');
  }
  const { latencyMs = 5, errorRate = 0, ...shape } = readParameters(url.searchParams, refuse);
  return { world: world || defaultWorld, shape, wire: { latencyMs, errorRate } };
}

function readUrl(uri: string): URL | undefined {
  return URL.canParse(uri) ? new URL(uri) : undefined;
}

type Refuse = (reason: string, hint: string) => VirtflowError;

function readParameters(search: URLSearchParams, refuse: Refuse): Partial<Record<Parameter, number>> {
  const found: Partial<Record<Parameter, number>> = {};
  for (const [key, text] of search) {
    if (!isParameter(key)) {
      throw refuse(`the parameter "${key}" is unknown`, `Allowed are ${Object.keys(limits).join(', ')}.`);
    }
    if (found[key] !== undefined) throw refuse(`the parameter "${key}" is given twice`, 'Give it once.');
    const { from, to, whole } = limits[key];
    const value = Number(text);
    if (text.trim() === '' || !(value >= from && value <= to) || (whole && !Number.isInteger(value))) {
      const hint = `Allowed is a ${whole ? 'whole ' : ''}number from ${from} to ${to}.`;
      throw refuse(`${key} is "${text}"`, hint);
    }
    found[key] = value;
  }
  return found;
}

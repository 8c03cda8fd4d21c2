import { VirtflowError } from '../../lib/model/errors.ts';
import { DrivenClock, RealClock, type WorldClock } from './clock.ts';
import { defaultShape, type WorldShape } from './settings.ts';
import { World } from './world.ts';

/** The worlds of this process: they live on when the last connection leaves, so that a deploy does not undo them. */
const worlds = new Map<string, World>();

/**
 * The world of that name, made when there is none. One that was made otherwise than `shape` says is made anew when
 * nobody is connected to it.
 * @throws CONNECTION_SETTINGS_INVALID when somebody is
 */
export function openWorld(name: string, shape: Partial<WorldShape>, connection: string): World {
  const world = worlds.get(name);
  if (!world) return createWorld(name, shape);
  const differing = differences(world.shape, shape);
  if (differing.length === 0) return world;
  if (world.links.length === 0) return createWorld(name, shape);
  throw new VirtflowError('CONNECTION_SETTINGS_INVALID', {
    connection,
    reason: `the world "${name}" is in use and has another ${differing.join(', ')}`,
    hint: 'Leave these out to join it, or give your world another name: simulator:///name.',
  });
}

/** Makes a world, in place of the one that had the name; with a clock of one's own, or as fast as the shape says. */
export function createWorld(name: string, shape: Partial<WorldShape> = {}, clock?: WorldClock): World {
  const { speed } = { ...defaultShape, ...shape };
  const chosen = clock ?? (speed === 0 ? new DrivenClock(Date.now()) : new RealClock(speed));
  const world = new World(
    name,
    { ...defaultShape, ...shape, speed: clock instanceof DrivenClock ? 0 : chosen.speed },
    chosen,
  );
  worlds.get(name)?.faults.drop('its world was replaced');
  worlds.set(name, world);
  return world;
}

/** The world of that name, or the one that a connection of that name is connected to. @throws OBJECT_UNKNOWN */
export function simulatorOf(name: string): World {
  const connected = [...worlds.values()].find((world) => world.links.some((link) => link.connection === name));
  const world = worlds.get(name) ?? connected;
  if (world) return world;
  const hint = `worlds that exist: ${[...worlds.keys()].join(', ') || 'none'}.`;
  throw new VirtflowError('OBJECT_UNKNOWN', { kind: 'simulated world', target: name, hint });
}

/** Takes a world away. */
export function forgetWorld(name: string): void {
  worlds.get(name)?.faults.drop('its world was taken away');
  worlds.delete(name);
}

function differences(has: WorldShape, asked: Partial<WorldShape>): string[] {
  const keys = ['hosts', 'vms', 'seed', 'speed'] as const;
  return keys.filter((key) => asked[key] !== undefined && asked[key] !== has[key]);
}

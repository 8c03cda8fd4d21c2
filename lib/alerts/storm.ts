import { createHash } from 'node:crypto';
import { isOngoing } from './alert.ts';
import type { Draft } from './draft.ts';
import { type Notification, newNotification, noteOf } from './notification.ts';
import type { World } from './world.ts';

const shown = 50;

/**
 * Whether a contact is sent a message now. When it was sent too much lately it is told so, once, with what goes on
 * altogether; what was held is told when there is room again.
 */
export function admit(contact: string, message: Notification, draft: Draft, world: World, now: number): boolean {
  const { most, perMs } = world.settings.storm;
  const before = draft.meter(contact);
  const times = before.times.filter((at) => now - at < perMs);
  if (times.length < most) {
    draft.putMeter({ contact, times: [...times, now], stormAt: null });
    return true;
  }
  if (before.stormAt === null) draft.notify(summary(message, draft, now));
  draft.putMeter({ contact, times, stormAt: before.stormAt ?? now });
  return false;
}

function summary({ contact }: Notification, draft: Draft, now: number): Notification {
  const ongoing = [...draft.alerts()].filter(isOngoing);
  return newNotification({
    id: createHash('sha256').update(`storm\n${contact}\n${now}`).digest('hex').slice(0, 24),
    kind: 'storm',
    contact,
    at: now,
    firing: ongoing.slice(0, shown).map(noteOf),
    text: String(ongoing.length),
  });
}

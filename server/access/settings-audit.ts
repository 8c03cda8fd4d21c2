import { canonical } from '../../lib/access/audit/chain.ts';
import { masked } from '../../lib/access/audit/mask.ts';
import type { Platform } from '../../lib/platform.ts';
import type { FileSettings } from '../settings-file.ts';

const room = 'settings';
const key = 'settings.json';

/** Records the settings that people wrote into the file, once they are others than at the last start. */
export function auditSettings({ store, access }: Platform, settings: FileSettings): void {
  const now = canonical(masked(settings));
  if (store.states.get(room, key) === now) return;
  access.audit.change(() => store.states.put(room, key, now), 'settings.changed', 'settings.json', { ...settings });
}

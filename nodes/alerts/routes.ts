import { VirtflowError } from '../../lib/model/errors.ts';
import { currentPlatform } from '../../lib/platform.ts';
import { adminRoute, optionalText, textOf } from '../runtime/admin-route.ts';
import type { NodeRed } from '../runtime/red.ts';
import { secretOf } from '../runtime/secrets.ts';
import { nodeTypeOf } from './channel-nodes.ts';
import { channels, credentialsOf, settingsOf } from './channels.ts';

/** What the forms of nodes about alerts ask for. */
export function addAlertRoutes(RED: NodeRed): void {
  adminRoute(RED, 'get', 'contacts', 'flows.read', () => {
    const { settings } = currentPlatform().alerts;
    return settings.current.contacts.map(({ name, type }) => ({ name, type }));
  });
  adminRoute(RED, 'post', 'alerts/test-channel', 'flows.write', async ({ values, signal, user }) => {
    const channel = channels.find((one) => nodeTypeOf(one) === textOf(values, 'type'));
    if (!channel) throw new VirtflowError('MESSAGE_INVALID', { reason: 'there is no such channel' });
    const secrets = new Set(credentialsOf(channel).map(({ name }) => name));
    const settings = settingsOf(channel, (name) => (secrets.has(name) ? secretOf(RED, values, name) : values[name]));
    const name = optionalText(values, 'name') || channel.type;
    const says = await currentPlatform().alerts.testChannel({ name, type: channel.type, settings }, user, signal);
    return { says };
  });
}

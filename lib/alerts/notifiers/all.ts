import { gotify } from './gotify.ts';
import { mail } from './mail.ts';
import { matrix } from './matrix.ts';
import { mqttNotifier } from './mqtt.ts';
import { NotifierRegistry } from './notifier.ts';
import { ntfy } from './ntfy.ts';
import { slack } from './slack.ts';
import { syslog } from './syslog.ts';
import { webhook } from './webhook.ts';

/** A registry with every channel that virtflow brings. */
export function ownNotifiers(): NotifierRegistry {
  const registry = new NotifierRegistry();
  registry.register(mail);
  registry.register(webhook);
  registry.register(mqttNotifier);
  registry.register(ntfy);
  registry.register(gotify);
  registry.register(matrix);
  registry.register(slack);
  registry.register(syslog);
  return registry;
}

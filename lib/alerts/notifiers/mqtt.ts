import mqtt from 'mqtt';
import Type from 'typebox';
import { closed } from './http.ts';
import { failed, type Notifier, reasonOf } from './notifier.ts';

const settings = Type.Object(
  {
    url: Type.String({ pattern: '^(mqtts?|wss?)://', maxLength: 2_000 }),
    topic: Type.String({ pattern: '^[^+#]+$', maxLength: 1_000 }),
    username: Type.Optional(Type.String()),
    password: Type.Optional(Type.String()),
    retain: Type.Optional(Type.Boolean()),
  },
  closed,
);

/** JSON to a topic of any broker, acknowledged by it (QoS 1). */
export const mqttNotifier: Notifier<typeof settings> = {
  type: 'mqtt',
  settings,
  async send({ url, topic, username, password, retain = false }, { data }, { reveal, signal }) {
    const account = {
      ...(username === undefined ? {} : { username }),
      ...(password === undefined ? {} : { password: reveal(password) }),
    };
    const client = mqtt.connect(url, { ...account, reconnectPeriod: 0, connectTimeout: 10_000 });
    const aborted = Promise.withResolvers<never>();
    const abort = () => aborted.reject(new Error('it took too long'));
    const closedEarly = new Promise<never>((_, reject) => {
      client.once('error', reject);
      client.once('close', () => reject(new Error('the broker closed the connection')));
    });
    signal.addEventListener('abort', abort, { once: true });
    try {
      await Promise.race([
        client.publishAsync(topic, JSON.stringify(data), { qos: 1, retain }),
        closedEarly,
        aborted.promise,
      ]);
      return 'acknowledged by the broker';
    } catch (error) {
      throw failed('mqtt', reasonOf(error), error);
    } finally {
      signal.removeEventListener('abort', abort);
      client.end(true);
    }
  },
};

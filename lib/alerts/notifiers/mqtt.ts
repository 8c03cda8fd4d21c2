import mqtt from 'mqtt';
import Type from 'typebox';
import { closed, secret } from './http.ts';
import { failed, type Notifier, reasonOf } from './notifier.ts';

const settings = Type.Object(
  {
    url: Type.String({
      title: 'Broker',
      description: 'Its address, from mqtt://, mqtts://, ws:// or wss:// on.',
      pattern: '^(mqtts?|wss?)://',
      maxLength: 2_000,
    }),
    topic: Type.String({
      title: 'Topic',
      description: 'Where messages are published, as JSON.',
      pattern: '^[^+#]+$',
      maxLength: 1_000,
    }),
    username: Type.Optional(Type.String({ title: 'User', description: 'Where the broker asks for one.' })),
    password: Type.Optional(secret('Password', 'Of the user.')),
    retain: Type.Optional(
      Type.Boolean({ title: 'Retain', description: 'Whoever subscribes later gets the last message.' }),
    ),
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

import type { AlertRecord } from '../alerts/alert.ts';
import { isOngoing } from '../alerts/alert.ts';
import type { Sample } from '../model/reading.ts';
import { severities } from '../rules/levels.ts';

/** The point of the latest transition of an alert. `level`: 0 over, then 1 to 3 by severity. */
export function alertSample(alert: AlertRecord, host: string): Sample {
  const { connection, object, name, ruleName, severity, state, since, at, value } = alert;
  const ongoing = isOngoing(alert);
  return {
    measurement: 'alert',
    tags: { connection, host, id: object?.id ?? '', name, rule: ruleName, severity, change: state },
    at,
    fields: {
      count: 1,
      began: Number(ongoing && at === since),
      ended: Number(!ongoing),
      level: ongoing ? severities.indexOf(severity) + 1 : 0,
      ...(value === null ? {} : { value }),
    },
  };
}

/** How many alerts are ongoing on each connection, by severity; those that there are none of as well. */
export function alertCounts(ongoing: readonly AlertRecord[], connections: readonly string[], at: number): Sample[] {
  const counts = new Map<string, number>();
  const key = (connection: string, severity: string) => `${severity} ${connection}`;
  for (const { connection, severity } of ongoing)
    counts.set(key(connection, severity), (counts.get(key(connection, severity)) ?? 0) + 1);
  const all = new Set([...connections, ...ongoing.map(({ connection }) => connection)]);
  return [...all].flatMap((connection) =>
    severities.map(
      (severity): Sample => ({
        measurement: 'alert_count',
        tags: { connection, severity },
        at,
        fields: { firing: counts.get(key(connection, severity)) ?? 0 },
      }),
    ),
  );
}

import Type, { type Static } from 'typebox';
import Value from 'typebox/value';
import { type Permission, standingPermissions } from '../access/permission.ts';
import type { Sight } from '../access/sight.ts';
import type { AlertRecord } from '../alerts/alert.ts';
import type { AlertRoom } from '../alerts/alert-room.ts';
import { MatcherSchema } from '../alerts/matching.ts';
import type { Silence } from '../alerts/silence.ts';
import { durationForm, durationMs } from '../governor/duration.ts';
import { VirtflowError } from '../model/errors.ts';
import type { Origin } from '../operations/operation.ts';

export interface AlertRequestRooms {
  readonly alerts: Pick<
    AlertRoom,
    'get' | 'acknowledge' | 'unacknowledge' | 'silences' | 'contacts' | 'notifications' | 'test'
  >;
  readonly access: {
    authoriseHouse(origin: Origin, permission: Permission): Promise<void>;
    sightOf(origin: Origin): Sight;
  };
}

/** What a silence is made of: until a time, or for a duration from now on. */
export const SilenceRequest = Type.Object({
  matcher: MatcherSchema,
  until: Type.Optional(Type.Integer({ description: 'Milliseconds since the epoch.' })),
  duration: Type.Optional(
    Type.String({ description: 'In the place of until: 30s, 15m, 2h, 7d.', pattern: durationForm }),
  ),
  comment: Type.Optional(Type.String({ maxLength: 1_000 })),
});
export type SilenceRequest = Static<typeof SilenceRequest>;

export interface ContactView {
  readonly name: string;
  readonly type: string;
  readonly last: { readonly state: string; readonly at: number | null; readonly says: string } | null;
}

const { operate } = standingPermissions;

/** What people and flows ask of alerts, by whatever way they come: the same rights, the same answers. */
export class AlertRequests {
  readonly #rooms: AlertRequestRooms;

  constructor(rooms: AlertRequestRooms) {
    this.#rooms = rooms;
  }

  /** Whether somebody may see an alert. */
  async sees({ object, connection }: AlertRecord, sight: Sight): Promise<boolean> {
    if (object) return sight.reference(object);
    return connection === '' ? sight.everything() : sight.connection(connection);
  }

  /** What somebody may not see is for them not there. @throws ALERT_UNKNOWN */
  async get(id: string, origin: Origin): Promise<AlertRecord> {
    const alert = this.#rooms.alerts.get(id);
    if (await this.sees(alert, this.#rooms.access.sightOf(origin))) return alert;
    throw new VirtflowError('ALERT_UNKNOWN', { alert: id });
  }

  /** @throws ALERT_UNKNOWN, ALERT_OVER, ACCESS_DENIED, STORE_* */
  async acknowledge(id: string, origin: Origin, comment = ''): Promise<AlertRecord> {
    await this.#mayChange(await this.get(id, origin), origin);
    return this.#rooms.alerts.acknowledge(id, this.#nameOf(origin), comment);
  }

  /** @throws ALERT_UNKNOWN, ACCESS_DENIED, STORE_* */
  async unacknowledge(id: string, origin: Origin): Promise<AlertRecord> {
    await this.#mayChange(await this.get(id, origin), origin);
    return this.#rooms.alerts.unacknowledge(id, this.#nameOf(origin));
  }

  /** Newest first. @throws ACCESS_DENIED */
  async silences(origin: Origin): Promise<readonly Silence[]> {
    await this.#rooms.access.authoriseHouse(origin, operate);
    return this.#rooms.alerts.silences.list();
  }

  /** @throws ACCESS_DENIED, SILENCE_INVALID, ALERT_SETTINGS_INVALID, STORE_* */
  async silence(request: SilenceRequest, origin: Origin): Promise<Silence> {
    await this.#rooms.access.authoriseHouse(origin, operate);
    const { matcher, comment = '' } = request;
    return this.#rooms.alerts.silences.add({ matcher, comment, until: untilOf(request) }, this.#nameOf(origin));
  }

  /** @throws ACCESS_DENIED, SILENCE_UNKNOWN, STORE_* */
  async endSilence(id: string, origin: Origin): Promise<Silence> {
    await this.#rooms.access.authoriseHouse(origin, operate);
    return this.#rooms.alerts.silences.end(id, this.#nameOf(origin));
  }

  /** Those of the settings and of nodes, with what became of the last message to each; no settings. @throws ACCESS_DENIED */
  async contacts(origin: Origin): Promise<readonly ContactView[]> {
    const { alerts, access } = this.#rooms;
    await access.authoriseHouse(origin, operate);
    const last = new Map(
      alerts
        .notifications()
        .toReversed()
        .map((one) => [one.contact, one]),
    );
    return alerts.contacts.list().map(({ name, type }) => {
      const { state = null, at = null, says = '' } = last.get(name) ?? {};
      return { name, type, last: state === null ? null : { state, at, says } };
    });
  }

  /** Really sends a message. @throws ACCESS_DENIED, CONTACT_UNKNOWN, NOTIFICATION_FAILED, SECRET_* */
  async testContact(name: string, origin: Origin, signal: AbortSignal): Promise<string> {
    await this.#rooms.access.authoriseHouse(origin, operate);
    return this.#rooms.alerts.test(name, this.#nameOf(origin), signal);
  }

  #nameOf(origin: Origin): string {
    return this.#rooms.access.sightOf(origin).who.name;
  }

  async #mayChange({ object }: AlertRecord, origin: Origin): Promise<void> {
    const sight = this.#rooms.access.sightOf(origin);
    if (object && (await sight.may(operate, sight.subjectOf(object)))) return;
    await this.#rooms.access.authoriseHouse(origin, operate);
  }
}

/** What came as plain data. @throws SILENCE_INVALID */
export function silenceRequest(value: unknown): SilenceRequest {
  if (Value.Check(SilenceRequest, value)) return value;
  const [error] = Value.Errors(SilenceRequest, value);
  const where = error?.instancePath.slice(1).replaceAll('/', '.') || 'it';
  throw unusable(`${where} ${error?.message ?? 'has the wrong form'}`);
}

function untilOf({ until, duration }: SilenceRequest): number {
  if ((until === undefined) === (duration === undefined)) throw unusable('it needs either until or duration');
  return until ?? Date.now() + durationMs(duration ?? '');
}

function unusable(reason: string): VirtflowError {
  return new VirtflowError('SILENCE_INVALID', { reason });
}

import Type, { type Static } from 'typebox';
import Value from 'typebox/value';
import { durationForm, durationMs } from '../governor/duration.ts';
import { selector } from '../inventory/selector.ts';
import { toVirtflowError, VirtflowError } from '../model/errors.ts';
import { severities } from '../rules/levels.ts';
import { type Matcher, MatcherSchema } from './matching.ts';
import type { NotifierRegistry } from './notifiers/notifier.ts';
import { checkTemplate } from './template.ts';

const closed = { additionalProperties: false };
const name = Type.String({ pattern: '^[A-Za-z0-9][A-Za-z0-9 ._-]{0,63}$' });
const span = (title: string) => Type.Optional(Type.String({ title, pattern: durationForm }));
const clockTime = Type.String({ pattern: '^([01][0-9]|2[0-3]):[0-5][0-9]$' });
const days = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const;

const QuietHours = Type.Object(
  {
    from: clockTime,
    to: clockTime,
    timeZone: Type.String({ title: 'IANA name, such as Europe/Berlin' }),
    days: Type.Optional(Type.Array(Type.Enum([...days]), { minItems: 1 })),
    except: Type.Optional(Type.Array(Type.Enum([...severities]), { title: 'Severities that are told all the same' })),
  },
  closed,
);
export type QuietHours = Static<typeof QuietHours>;

const Escalation = Type.Object(
  { after: Type.String({ pattern: durationForm }), contacts: Type.Array(name, { minItems: 1 }) },
  closed,
);

const groupLabels = ['topology', 'rule', 'object', 'severity', 'connection', 'kind'] as const;

const Route = Type.Object(
  {
    name,
    match: Type.Optional(MatcherSchema),
    contacts: Type.Array(name, { title: 'Nobody, where it is empty', maxItems: 50 }),
    continue: Type.Optional(Type.Boolean({ title: 'Routes after it are looked at as well', default: false })),
    groupBy: Type.Optional(Type.Array(Type.Enum([...groupLabels]))),
    groupWait: span('How long the first of a group waits for others'),
    groupInterval: span('How long until more of a group is told'),
    repeat: span('How long until it is told again'),
    escalation: Type.Optional(Type.Array(Escalation, { maxItems: 20 })),
    quietHours: Type.Optional(Type.Array(QuietHours, { maxItems: 20 })),
    sendResolved: Type.Optional(Type.Boolean({ default: true })),
  },
  closed,
);

const Contact = Type.Object(
  {
    name,
    type: Type.String({ minLength: 1, maxLength: 40 }),
    settings: Type.Record(Type.String(), Type.Unknown()),
    language: Type.Optional(Type.Enum(['en', 'de'])),
    template: Type.Optional(
      Type.Object(
        {
          title: Type.Optional(Type.String({ maxLength: 2_000 })),
          text: Type.Optional(Type.String({ maxLength: 20_000 })),
          html: Type.Optional(Type.String({ maxLength: 100_000 })),
        },
        closed,
      ),
    ),
  },
  closed,
);
export type Contact = Static<typeof Contact>;

/** What the file `alerts.json` holds. */
export const SettingsSchema = Type.Object(
  {
    $schema: Type.Optional(Type.String()),
    contacts: Type.Optional(Type.Array(Contact, { maxItems: 200 })),
    routes: Type.Optional(Type.Array(Route, { maxItems: 200 })),
    inhibit: Type.Optional(
      Type.Array(Type.Object({ source: MatcherSchema, target: Type.Optional(MatcherSchema) }, closed), {
        title: 'What else keeps alerts quiet of whatever depends on the object of its source',
        maxItems: 100,
      }),
    ),
    flapping: Type.Optional(
      Type.Object(
        {
          count: Type.Optional(Type.Integer({ minimum: 2, maximum: 100 })),
          within: span('How often within which time'),
          quiet: span('How long it has to be quiet to be over'),
        },
        closed,
      ),
    ),
    storm: Type.Optional(
      Type.Object(
        { most: Type.Optional(Type.Integer({ minimum: 1, maximum: 10_000 })), per: span('Within which time') },
        closed,
      ),
    ),
    link: Type.Optional(
      Type.String({
        title: 'Address of the editor, for links in messages to the page of alerts',
        pattern: '^https?://',
      }),
    ),
  },
  closed,
);

export interface Route {
  readonly name: string;
  readonly match: Matcher;
  readonly contacts: readonly string[];
  readonly continue: boolean;
  readonly groupBy: readonly (typeof groupLabels)[number][];
  readonly groupWaitMs: number;
  readonly groupIntervalMs: number;
  readonly repeatMs: number;
  readonly escalation: readonly { readonly afterMs: number; readonly contacts: readonly string[] }[];
  readonly quietHours: readonly QuietHours[];
  readonly sendResolved: boolean;
}

export interface Settings {
  readonly contacts: readonly Contact[];
  readonly routes: readonly Route[];
  readonly inhibit: readonly { readonly source: Matcher; readonly target: Matcher }[];
  readonly flapping: { readonly count: number; readonly withinMs: number; readonly quietMs: number };
  readonly storm: { readonly most: number; readonly perMs: number };
  readonly link: string | null;
}

type Written = Static<typeof SettingsSchema>;

export const noSettings: Settings = settingsFrom({});

/** Reads what the file holds. @throws ALERT_SETTINGS_INVALID with the place and what is needed there */
export function parseSettings(value: unknown, notifiers: NotifierRegistry): Settings {
  if (!Value.Check(SettingsSchema, value)) throw firstProblem(value);
  const settings = settingsFrom(value);
  unique(settings.contacts, 'contacts');
  unique(settings.routes, 'routes');
  for (const contact of settings.contacts) checkContact(contact, notifiers);
  for (const route of settings.routes) checkRoute(route, settings);
  for (const [index, { source, target }] of settings.inhibit.entries()) {
    checkMatcher(source, `inhibit[${index}].source`);
    checkMatcher(target, `inhibit[${index}].target`);
  }
  return settings;
}

/** Every selector that the settings ask for. */
export function selectorsOf({ routes, inhibit }: Settings): readonly string[] {
  const matchers = [...routes.map(({ match }) => match), ...inhibit.flatMap(({ source, target }) => [source, target])];
  return matchers.flatMap(({ selector: text }) => text ?? []);
}

function settingsFrom(written: Written): Settings {
  const { contacts = [], routes = [], inhibit = [], flapping = {}, storm = {}, link = null } = written;
  return {
    contacts,
    routes: routes.map(routeFrom),
    inhibit: inhibit.map(({ source, target = {} }) => ({ source, target })),
    flapping: {
      count: flapping.count ?? 5,
      withinMs: durationMs(flapping.within ?? '1h'),
      quietMs: durationMs(flapping.quiet ?? '15m'),
    },
    storm: { most: storm.most ?? 30, perMs: durationMs(storm.per ?? '10m') },
    link,
  };
}

function routeFrom(written: NonNullable<Written['routes']>[number]): Route {
  const { escalation = [], quietHours = [] } = written;
  return {
    name: written.name,
    match: written.match ?? {},
    contacts: written.contacts,
    continue: written.continue ?? false,
    groupBy: written.groupBy ?? ['topology'],
    groupWaitMs: durationMs(written.groupWait ?? '30s'),
    groupIntervalMs: durationMs(written.groupInterval ?? '5m'),
    repeatMs: durationMs(written.repeat ?? '4h'),
    escalation: escalation.map(({ after, contacts }) => ({ afterMs: durationMs(after), contacts })),
    quietHours,
    sendResolved: written.sendResolved ?? true,
  };
}

function unique(all: readonly { readonly name: string }[], where: string): void {
  const names = new Set<string>();
  for (const { name: one } of all) {
    if (names.has(one)) throw invalid(`${where}: there are two named ${one}`);
    names.add(one);
  }
}

function checkContact({ name: own, type, settings, template = {} }: Contact, notifiers: NotifierRegistry): void {
  const where = `contacts (${own})`;
  const problem = notifiers.problemOf(type, settings);
  if (problem !== undefined) throw invalid(`${where}: ${problem}`);
  for (const [part, text] of Object.entries(template)) checkTemplate(text, `${where}.template.${part}`);
}

function checkRoute(route: Route, { contacts }: Settings): void {
  const where = `routes (${route.name})`;
  checkMatcher(route.match, `${where}.match`);
  for (const one of [...route.contacts, ...route.escalation.flatMap((step) => step.contacts)]) {
    if (!contacts.some((contact) => contact.name === one)) throw invalid(`${where}: there is no contact ${one}`);
  }
  for (const { timeZone, from, to } of route.quietHours) {
    if (from === to) throw invalid(`${where}: quiet hours from ${from} to ${to} have no length`);
    if (!isTimeZone(timeZone)) throw invalid(`${where}: there is no time zone ${timeZone}`);
  }
}

/** @throws ALERT_SETTINGS_INVALID */
export function checkMatcher({ selector: text }: Matcher, where: string): void {
  if (text === undefined) return;
  try {
    selector(text);
  } catch (thrown) {
    throw invalid(`${where}: ${toVirtflowError(thrown).message}`);
  }
}

function isTimeZone(text: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: text });
    return true;
  } catch {
    return false;
  }
}

function firstProblem(value: unknown): VirtflowError {
  const [error] = Value.Errors(SettingsSchema, value);
  const where = error?.instancePath.slice(1).replaceAll('/', '.') || 'it';
  return invalid(`${where} ${error?.message ?? 'has the wrong form'}`);
}

function invalid(reason: string): VirtflowError {
  return new VirtflowError('ALERT_SETTINGS_INVALID', { reason });
}

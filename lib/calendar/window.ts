import { type Static, Type } from 'typebox';
import { Value } from 'typebox/value';
import { selector } from '../inventory/selector.ts';
import { VirtflowError } from '../model/errors.ts';
import { objectKinds } from '../model/reference.ts';
import type { Times } from './span.ts';
import { type ReadFile, timesOf, WhenSchema } from './when.ts';

const closed = { additionalProperties: false };
const pattern = Type.String({ minLength: 1, maxLength: 200 });
const patterns = (title: string) => Type.Array(pattern, { title, minItems: 1, maxItems: 50 });

/** Something that may not be done for a time (blackout), or only within one (maintenance). */
export const WindowSchema = Type.Object(
  {
    id: Type.String({ title: 'Id', pattern: '^[a-z0-9][a-z0-9-]{0,39}$', description: 'Refusals name it.' }),
    name: Type.Optional(Type.String({ title: 'Name', maxLength: 100 })),
    kind: Type.Enum(['blackout', 'maintenance'], {
      title: 'Kind',
      description: 'blackout: none of its actions while it is open; maintenance: only while it is open.',
    }),
    reason: Type.String({ title: 'Why', minLength: 1, maxLength: 500 }),
    enabled: Type.Optional(Type.Boolean({ title: 'In force', default: true })),
    when: WhenSchema,
    actions: Type.Optional(
      Type.Array(Type.String({ pattern: '^[a-z*][a-z0-9.*-]{0,59}$' }), {
        title: 'Actions',
        minItems: 1,
        maxItems: 50,
        description:
          'Ids (vm.delete), patterns (vm.*) or classes: destructive, disruptive, power-off, migrate; all unless told.',
      }),
    ),
    targets: Type.Optional(
      Type.Object(
        {
          connection: Type.Optional(pattern),
          kind: Type.Optional(Type.Enum([...objectKinds, 'connection'])),
          selector: Type.Optional(Type.String({ minLength: 1, maxLength: 2_000 })),
        },
        { ...closed, title: 'Of which objects', description: 'Everywhere unless told.' },
      ),
    ),
    onConflict: Type.Optional(
      Type.Enum(['wait', 'refuse'], {
        title: 'What it forbids',
        description: 'waits until it may, or is refused.',
        default: 'wait',
      }),
    ),
    running: Type.Optional(
      Type.Enum(['leave', 'warn', 'cancel'], {
        title: 'What still runs when it is forbidden',
        description: 'When a blackout begins or a maintenance window ends.',
        default: 'leave',
      }),
    ),
    schedules: Type.Optional(patterns('Schedules that it holds as well: ids of their nodes or tabs, or *')),
    atEnd: Type.Optional(
      Type.Object(
        {
          runMissed: Type.Optional(
            Type.Boolean({ title: 'Its schedules run, once, what it held of them', default: false }),
          ),
          run: Type.Optional(patterns('Ids of schedules that run when it has ended')),
        },
        { ...closed, title: 'At its end' },
      ),
    ),
    mutesAlerts: Type.Optional(Type.Boolean({ title: 'Alerts of its objects are not told', default: false })),
    except: Type.Optional(
      Type.Object(
        {
          undo: Type.Optional(Type.Boolean({ title: 'What takes something back', default: true })),
          approved: Type.Optional(Type.Boolean({ title: 'What somebody has approved', default: false })),
          principals: Type.Optional(patterns('Whoever asks')),
          flows: Type.Optional(patterns('Ids of tabs')),
        },
        { ...closed, title: 'What it does not concern' },
      ),
    ),
  },
  { ...closed, title: 'Window' },
);

/** What the file `calendar.json` holds. */
export const CalendarSchema = Type.Object(
  {
    $schema: Type.Optional(Type.String()),
    version: Type.Literal(1),
    windows: Type.Array(WindowSchema, { maxItems: 500 }),
  },
  { ...closed, title: 'virtflow: maintenance and blackout windows' },
);

export type Window = Static<typeof WindowSchema>;
export type CalendarFile = Static<typeof CalendarSchema>;

export const noWindows: CalendarFile = { version: 1, windows: [] };

/** A window with its times, ready to be asked. */
export interface TimedWindow {
  readonly window: Window;
  readonly times: Times;
}

/** Reads the content of a calendar file. @throws WINDOWS_INVALID with the window and what is wrong */
export function parseCalendar(value: unknown): CalendarFile {
  if (!Value.Check(CalendarSchema, value)) throw firstProblem(value);
  const ids = new Set<string>();
  for (const window of value.windows) {
    if (ids.has(window.id)) throw invalid(`two windows have the id "${window.id}"`);
    ids.add(window.id);
    checkWindow(window);
  }
  return value;
}

/** A window with its times; they are reckoned here. @throws WINDOWS_INVALID */
export function timed(window: Window, readFile: ReadFile, now = Date.now()): TimedWindow {
  try {
    return { window, times: timesOf(window.when, readFile, now) };
  } catch (error) {
    throw invalid(`window "${window.id}": ${error instanceof Error ? error.message : String(error)}`);
  }
}

export function titleOf({ name, id }: Window): string {
  return name === undefined || name === '' ? id : name;
}

/** Everything but what is reckoned from files beside it, which may come later. */
function checkWindow(window: Window): void {
  const { when, targets } = window;
  if (when.type !== 'ical' || when.file === undefined) timed(window, () => '');
  if (targets?.selector === undefined) return;
  try {
    selector(targets.selector);
  } catch (error) {
    throw invalid(`window "${window.id}": ${error instanceof Error ? error.message : String(error)}`);
  }
}

function firstProblem(value: unknown): VirtflowError {
  const [problem] = Value.Errors(CalendarSchema, value);
  return invalid(`${problem?.instancePath || 'it'} ${problem?.message ?? 'is not as the schema has it'}`);
}

function invalid(reason: string): VirtflowError {
  return new VirtflowError('WINDOWS_INVALID', { reason: reason.replace(/\.$/, '') });
}

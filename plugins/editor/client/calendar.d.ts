/** A run of a schedule: that was, that will be, or that would be, were the flows deployed. */
interface CalendarRun {
  schedule: string;
  name: string;
  flow: string | null;
  /** When it was or is due. */
  at: number;
  state:
    | 'next'
    | 'held'
    | 'drawn'
    | 'disabled'
    | 'running'
    | 'failed'
    | 'partial'
    | 'cancelled'
    | 'succeeded'
    | 'done'
    | 'skipped'
    | 'missed';
  why: string;
  run?: string;
  operations?: number;
  isPast: boolean;
  isAsked: boolean;
  /** Whether its schedule is no more. */
  isGone?: boolean;
}

interface CalendarSchedule {
  id: string;
  name: string;
  flow: string | null;
  schedule: CalendarDue & { zone: string };
  enabled: boolean;
  next: number | null;
  running: number;
}

/** When something is due, whoever keeps it. */
interface CalendarDue {
  type: string;
  at?: string;
  time?: string;
  weekdays?: number[];
  days?: (number | 'last')[];
  expression?: string;
}

interface CalendarWhen extends CalendarDue {
  from?: string;
  until?: string;
  zone?: string;
  duration?: string;
  text?: string;
  file?: string;
}

interface CalendarWindow {
  id: string;
  name?: string;
  kind: 'blackout' | 'maintenance';
  reason: string;
  enabled?: boolean;
  when: CalendarWhen;
  [property: string]: unknown;
}

interface CalendarWindowState {
  window: CalendarWindow;
  open: { from: number; until: number } | null;
  next: { from: number; until: number } | null;
  override: { by: string; until: number } | null;
}

interface CalendarSpan {
  id: string;
  kind: 'blackout' | 'maintenance';
  name: string;
  reason: string;
  from: number;
  until: number;
}

interface CalendarConflict {
  kind: 'clash' | 'always-held' | 'too-short';
  schedules: string[];
  window: string | null;
  at: number;
  count: number;
  facts: {
    name?: string;
    other?: string;
    objects?: string[];
    by?: CalendarHolder;
    action?: string;
    takes?: number;
    open?: number;
  };
  says: string;
}

/** The window that holds a run. */
interface CalendarHolder {
  kind: 'blackout' | 'maintenance';
  name: string;
  reason: string;
}

interface CalendarJudgement {
  problems: { schedule: string; message: string }[];
  runs: { schedule: string; name: string; flow: string | null; at: number; heldBy: CalendarHolder | null }[];
  conflicts: CalendarConflict[];
  /** The zone of the server, which schedules without one go by. */
  zone: string;
  spans: { from: number; until: number }[];
}

interface DrawnSchedule {
  id: string;
  name: string;
  flow: string;
  config: Record<string, unknown>;
  works: Record<string, unknown>[];
  isChanged: boolean;
}

/** Something that stands in the calendar. */
type CalendarEntry =
  | ({ kind: 'run'; key: string } & CalendarRun)
  | ({ kind: 'window'; key: string; at: number } & Omit<CalendarSpan, 'kind'> & { sort: CalendarSpan['kind'] });

/** What moving came to. */
type Moved<T> = { value: T } | { reason: string };

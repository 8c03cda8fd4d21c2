import type { States } from '../store/store.ts';
import type { Span } from './span.ts';
import type { TimedWindow, Window } from './window.ts';

/** A window began or ended. */
export interface WindowEvent {
  readonly type: 'started' | 'ended';
  readonly window: Window;
  readonly span: Span;
  /** When it was told; much after its moment where virtflow did not run. Milliseconds since the epoch. */
  readonly at: number;
}

const room = 'calendar-open';

/**
 * Finds what began and ended since it was last looked at, each told once over restarts: which windows are open is kept
 * in the store before it is told.
 */
export class Edges {
  readonly #states: States;
  readonly #open = new Map<string, { readonly window: Window; readonly span: Span }>();

  constructor(states: States) {
    this.#states = states;
    for (const { key, value } of states.list(room)) if (isOpen(value)) this.#open.set(key, value);
  }

  /**
   * @param ending is called before the end of a window is on disk, and again when the process died in between
   * @throws STORE_*
   */
  look(windows: readonly TimedWindow[], at: number, ending: (window: Window) => void): readonly WindowEvent[] {
    const spans = new Map(windows.map(({ window, times }) => [window.id, { window, span: times.at(at) }]));
    const ended: WindowEvent[] = [];
    for (const [id, { window, span }] of this.#open) {
      const now = spans.get(id);
      // Moved or made longer it is the same, as long as it stays open.
      const staysOpen = now?.span !== undefined && now.span.from < span.until;
      if (staysOpen) continue;
      ending(now?.window ?? window);
      this.#states.delete(room, id);
      this.#open.delete(id);
      ended.push({ type: 'ended', window: now?.window ?? window, span, at });
    }
    return [...ended, ...this.#begun(spans, at)];
  }

  #begun(spans: ReadonlyMap<string, { window: Window; span: Span | undefined }>, at: number): WindowEvent[] {
    const started: WindowEvent[] = [];
    for (const [id, { window, span }] of spans) {
      const known = this.#open.get(id);
      if (!span || (known && known.span.until === span.until)) continue;
      this.#states.put(room, id, { window, span });
      this.#open.set(id, { window, span });
      if (!known) started.push({ type: 'started', window, span, at });
    }
    return started;
  }
}

function isOpen(value: unknown): value is { window: Window; span: Span } {
  return typeof value === 'object' && value !== null && 'window' in value && 'span' in value;
}

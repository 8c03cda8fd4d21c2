import type { AnyObject } from '../model/objects.ts';
import type { ObjectRef } from '../model/reference.ts';
import type { Subject } from '../rules/tracked.ts';
import type { Settings } from './settings.ts';
import type { Silence } from './silence.ts';

/** A maintenance window that keeps quiet about an object. */
export interface Mute {
  readonly name: string;
  /** Milliseconds since the epoch. */
  readonly until: number;
}

/** Asks a calendar whether one of its windows keeps quiet about an object. */
export type AskMute = (object: AnyObject, at: number) => Promise<Mute | undefined>;

/** Where a subject stands among those that depend on one another. */
export interface Place {
  readonly node: string;
  /** The nearest first. */
  readonly above: readonly string[];
}

/** What the core has to know of the rest of the house; questions, without effects. */
export interface World {
  readonly settings: Settings;
  readonly silences: readonly Silence[];
  muted(object: ObjectRef | null): Mute | undefined;
  place(subject: Pick<Subject, 'object' | 'tags' | 'key'>): Place | undefined;
  /** Who depends on a node. */
  below(node: string): readonly { readonly ref: ObjectRef; readonly name: string }[];
  /** Whether a selector holds for an object; false where that is not known. */
  selected(selector: string, object: ObjectRef | null): boolean;
}

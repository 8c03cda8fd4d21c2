import { words } from '../words.js';

/** What will go wrong, in a sentence. @param {CalendarConflict} conflict */
export function clashSentence({ kind, facts: { by, objects = [], ...facts } }) {
  const held = by ? holderSentence(by) : '';
  return `${words(`calendar.clash.${kind}`, { ...facts, objects: objects.join(', ') })} ${held}`.trim();
}

/** Why a run will be held. @param {CalendarHolder} holder */
export function holderSentence({ kind, name, reason }) {
  return words(`calendar.heldBy.${kind}`, { name, reason });
}

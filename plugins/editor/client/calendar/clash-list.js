import { icon, make } from '../dom.js';
import { words } from '../words.js';
import { clashSentence } from './clash-words.js';

/** What cannot be as it is planned: schedules that windows keep from running, and what cannot be read. */
export function clashList() {
  const element = make('details', { class: 'virtflow-calendar-conflicts', hidden: true });
  return {
    element,
    /** @param {import('./book.js').CalendarBook} book */
    draw(book) {
      const lines = linesOf(book);
      element.hidden = lines.length === 0;
      element.replaceChildren(
        make(
          'summary',
          {},
          icon('fa-exclamation-triangle virtflow-calendar-clash'),
          ` ${words('calendar.conflicts', { count: lines.length })}`,
        ),
        make('ul', {}, ...lines.map((line) => make('li', {}, line))),
      );
    },
  };
}

/** @param {import('./book.js').CalendarBook} book */
function linesOf({ conflicts, problems, fileProblem }) {
  return [
    ...conflicts.map(
      (conflict) =>
        `${clashSentence(conflict)} ${words('calendar.firstAt', { at: new Date(conflict.at).toLocaleString(RED.i18n.lang()), count: conflict.count })}`,
    ),
    ...problems.map(({ schedule, message }) => `${RED.nodes.node(schedule)?.name ?? schedule}: ${message}`),
    ...(fileProblem === '' ? [] : [fileProblem]),
  ];
}

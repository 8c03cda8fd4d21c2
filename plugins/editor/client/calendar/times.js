/** Formats of the language of the editor: making one takes longer than a row may. @type {Map<string, Intl.DateTimeFormat>} */
const formats = new Map();

/** There is no room for more in any language. @type {Intl.DateTimeFormatOptions} */
const clock = { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' };

/** @param {Intl.DateTimeFormatOptions} options */
function format(options) {
  const language = RED.i18n.lang() || undefined;
  const key = `${language} ${JSON.stringify(options)}`;
  const known = formats.get(key) ?? new Intl.DateTimeFormat(language, options);
  formats.set(key, known);
  return known;
}

/** @param {number} at */
export function clockTime(at) {
  return format(clock).format(at);
}

/** @param {number} at */
export function dayName(at) {
  return format({ weekday: 'short', day: 'numeric', month: 'short' }).format(at);
}

/** @param {number} at */
export function longDayName(at) {
  return format({ weekday: 'long', day: 'numeric', month: 'long', year: 'numeric' }).format(at);
}

/** @param {number} at */
export function momentText(at) {
  return format({ weekday: 'short', day: 'numeric', month: 'short', ...clock }).format(at);
}

/** @param {number} from @param {number} until */
export function rangeText(from, until) {
  return format({ day: 'numeric', month: 'short', year: 'numeric' }).formatRange(from, until - 1);
}

/** As an input for date and time takes it, by the clock of the browser. @param {number} at */
export function localInput(at) {
  const date = new Date(at);
  return new Date(at - date.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
}

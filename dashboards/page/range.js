const unitMs = { s: 1e3, m: 6e4, h: 36e5, d: 864e5, w: 6048e5, M: 2592e6, y: 31536e6 };

/** Milliseconds since the epoch, of what Grafana writes: `now-6h`, `now/d`, milliseconds, or a time. */
export function timeOf(text, isEnd = false) {
  const [, sign, count, unit, , rounded] = /^now(?:([-+])(\d+)([smhdwMy]))?(\/([smhdwMy]))?$/.exec(text) ?? [];
  if (text.startsWith('now')) {
    const moved = Date.now() + (count ? (sign === '-' ? -1 : 1) * Number(count) * unitMs[unit] : 0);
    return rounded ? roundedTo(moved, rounded, isEnd) : moved;
  }
  return /^\d+$/.test(text) ? Number(text) : Date.parse(text);
}

/** The beginning or the end of its hour, day, week … in the time of this place. */
function roundedTo(at, unit, isEnd) {
  const date = new Date(at);
  const step = isEnd ? 1 : 0;
  const [year, month, day] = [date.getFullYear(), date.getMonth(), date.getDate()];
  const begins = {
    y: () => new Date(year + step, 0),
    M: () => new Date(year, month + step),
    w: () => new Date(year, month, day - ((date.getDay() + 6) % 7) + 7 * step),
    d: () => new Date(year, month, day + step),
    h: () => new Date(year, month, day, date.getHours() + step),
    m: () => new Date(year, month, day, date.getHours(), date.getMinutes() + step),
  };
  return (begins[unit]?.() ?? date).getTime() - step;
}

/** As REST takes it: what is rounded in the time of this place is told as milliseconds. */
export function asAsked(text, isEnd) {
  return /^now(-\d+[smhdwMy])?$/.test(text) ? text : String(Math.round(timeOf(text, isEnd)));
}

/** As the field for a date takes it: in the time of this place. */
export function local(at) {
  return new Date(at - new Date(at).getTimezoneOffset() * 60_000).toISOString().slice(0, 19);
}

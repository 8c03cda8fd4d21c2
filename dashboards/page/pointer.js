import { linksOf } from './canvas.js';
import { element } from './dom.js';
import { swatch } from './legend.js';
import { display, reduce, seriesColor } from './units.js';
import { moment } from './words.js';

/** Shows where the pointer is over another picture, and tells others where it is over this one. */
export function followed(chart, board) {
  const follower = (at) => {
    const left = at === undefined ? -10 : chart.valToPos(at / 1000, 'x');
    chart.setCursor({ left, top: at === undefined ? -10 : 0 }, false);
  };
  chart.over.addEventListener('mousemove', () => {
    board.crosshair.at(chart.posToVal(chart.cursor.left ?? 0, 'x') * 1000, follower);
  });
  chart.over.addEventListener('mouseleave', () => {
    board.crosshair.at(undefined, follower);
    board.tip(undefined);
  });
  return board.crosshair.follow(follower);
}

/** What a picture shows, for who cannot see it: its latest figures, and those of a moment that arrow keys choose. */
export function readable(plot, chart, series, columns, panel, board) {
  const said = (one, value) => `${one.name} ${display(value, one.config).text}`;
  const latest = series.slice(0, 12).map((one) => said(one, reduce(one.values, 'last')));
  plot.tabIndex = 0;
  plot.setAttribute('role', 'img');
  plot.setAttribute('aria-label', `${board.scope.text(panel.title)}: ${latest.join(', ')}`);
  const links = (index, { x, y }) => {
    const near = series.findIndex(({ config }, place) => config.links?.length > 0 && isNear(chart, place));
    if (near === -1 || index === null) return;
    const made = linksOf(series[near], columns[near][index], chart.data[0][index] * 1000, board);
    if (made) board.pin(element('div', {}, said(series[near], columns[near][index]), made), plot, { x, y });
  };
  plot.addEventListener('keydown', (event) => {
    const last = chart.data[0].length - 1;
    const now = chart.cursor.idx ?? last;
    const next = { ArrowLeft: now - 1, ArrowRight: now + 1, Home: 0, End: last }[event.key];
    if (event.key === 'Enter') {
      const { left, top } = plot.getBoundingClientRect();
      links(now, { x: left + 80, y: top + 20 });
    }
    if (next === undefined || last < 0) return;
    event.preventDefault();
    const index = Math.min(last, Math.max(0, next));
    const at = chart.data[0][index];
    chart.setCursor({ left: chart.valToPos(at, 'x'), top: 0 }, false);
    board.crosshair.at(at * 1000);
    const figures = series.map((one, place) => [one, columns[place][index]]);
    const there = figures.filter(([, value]) => typeof value === 'number').slice(0, 12);
    board.read(`${moment(at * 1000)}: ${there.map(([one, value]) => said(one, value)).join(', ')}`);
  });
  chart.over.addEventListener('click', ({ clientX, clientY }) => links(chart.cursor.idx, { x: clientX, y: clientY }));
}

/** The series whose line is the nearest to the pointer, or any for the keyboard. */
function isNear(chart, place) {
  const { idx } = chart.cursor;
  if (idx === null || idx === undefined || !chart.over.matches(':hover')) return true;
  const nearest = distanceTo(chart, place);
  return chart.data.slice(1).every((_, other) => nearest <= distanceTo(chart, other));
}

/** From the pointer to where the line of a series is drawn, by its own axis and with what it stands on. */
function distanceTo({ cursor: { idx, top = -1 }, data, series, valToPos }, place) {
  const at = data[place + 1][idx];
  const { scale, show } = series[place + 1];
  return show && typeof at === 'number' ? Math.abs(valToPos(at, scale) - top) : Infinity;
}

/** The crosshair is shared, and so is what is drawn over: only the one beneath the pointer tells. */
export function zoom(chart, board) {
  const { left, width } = chart.select;
  if (width < 4 || !chart.over.matches(':hover')) return;
  const at = (x) => Math.round(chart.posToVal(x, 'x') * 1000);
  chart.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
  board.zoom(at(left), at(left + width));
}

/** What the series say beneath the pointer, the greatest first. */
export function tell(chart, series, columns, panel, board) {
  const { idx, left = -1 } = chart.cursor;
  const isHere = chart.over.matches(':hover');
  if (!isHere) return;
  if (idx === null || idx === undefined || left < 0) return board.tip(undefined);
  const at = chart.data[0][idx] * 1000;
  const rows = series
    .map(({ name, config }, index) => ({ name, config, index, value: columns[index][idx] }))
    .filter(({ value, index }) => typeof value === 'number' && chart.series[index + 1].show)
    .sort((a, b) => b.value - a.value);
  const near = rows.reduce(
    (best, row) => (best && distanceTo(chart, best.index) <= distanceTo(chart, row.index) ? best : row),
    undefined,
  );
  const shown = panel.options?.tooltip?.mode === 'single' && near ? [near] : rows.slice(0, 12);
  const lines = shown.map(({ name, config, index, value }) =>
    element(
      'tr',
      { class: near?.index === index ? 'near' : '' },
      element('td', {}, swatch(seriesColor(index, config)), ` ${name}`),
      element('td', {}, display(value, config).text),
    ),
  );
  const marks = board
    .marks()
    .filter((mark) => Math.abs(chart.valToPos(mark.at / 1000, 'x') - left) < 5)
    .slice(0, 4);
  const said = marks.map(({ name, text }) => element('tr', {}, element('td', { colspan: 2 }, `${name}: ${text}`)));
  board.tip(
    element('div', {}, element('div', { class: 'quiet' }, moment(at)), element('table', {}, ...lines, ...said)),
  );
}

import { element, styled } from './dom.js';
import { calcTitles, display, reduce, seriesColor } from './units.js';
import { word } from './words.js';

export function swatch(color) {
  return styled(element('span', { class: 'swatch' }), { background: color });
}

/** The series of a picture, to be shown or not, with what is reckoned of them. */
export function legendOf(series, { displayMode, calcs = [], placement }, show) {
  const button = ({ name, config }, index) => {
    const made = element(
      'button',
      { type: 'button', 'aria-pressed': 'true' },
      swatch(seriesColor(index, config)),
      name,
    );
    made.addEventListener('click', () => {
      const isShown = made.getAttribute('aria-pressed') !== 'true';
      made.setAttribute('aria-pressed', String(isShown));
      show(index, isShown);
    });
    return made;
  };
  const box = element('div', {
    class: `legend ${placement === 'right' ? 'right' : ''}`,
    tabindex: 0,
    role: 'group',
    'aria-label': word('series'),
  });
  const figure = ({ values, config }, calc) => display(reduce(values, calc), { ...config, mappings: undefined }).text;
  if (displayMode !== 'table') {
    const last = (one) =>
      calcs.length === 0
        ? []
        : [
            element(
              'span',
              { class: 'quiet' },
              calcs.map((calc) => `${calcTitles[calc] ?? calc} ${figure(one, calc)}`).join('  '),
            ),
          ];
    box.append(element('ul', {}, ...series.map((one, index) => element('li', {}, button(one, index), ...last(one)))));
    return box;
  }
  const head = element(
    'tr',
    {},
    element('th', { scope: 'col' }, word('name')),
    ...calcs.map((calc) => element('th', { scope: 'col', class: 'number' }, calcTitles[calc] ?? calc)),
  );
  const rows = series.map((one, index) =>
    element(
      'tr',
      {},
      element('td', {}, button(one, index)),
      ...calcs.map((calc) => element('td', { class: 'number' }, figure(one, calc))),
    ),
  );
  box.append(element('table', {}, element('thead', {}, head), element('tbody', {}, ...rows)));
  return box;
}

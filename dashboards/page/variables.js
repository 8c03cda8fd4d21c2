import { element } from './dom.js';
import { swatch } from './legend.js';
import { paint } from './units.js';
import { moment, word } from './words.js';

const all = '$__all';
const marksListed = 50;

/**
 * The row of variables and annotations above the panels; only what has changed is made anew, so that nobody loses the
 * focus.
 */
export function showVariables(box, variables, marks, annotations, { choose, annotate }) {
  const text = JSON.stringify([variables, annotations, marks]);
  if (box.dataset.shown === text && box.childElementCount > 0) return;
  if (box.contains(document.activeElement) && box.querySelector('details[open]')) return;
  box.dataset.shown = text;
  const focused = document.activeElement?.closest?.('[data-variable]')?.dataset.variable;
  const visible = variables.filter(({ isHidden }) => !isHidden);
  const made = visible.map((one) => (one.isMulti ? several(one, choose) : single(one, choose)));
  const toggles = annotations.length > 0 ? [annotationsBox(annotations, marks, annotate)] : [];
  box.replaceChildren(...made, ...toggles);
  if (focused) box.querySelector(`[data-variable="${CSS.escape(focused)}"] :is(select, input, summary)`)?.focus();
}

function single({ name, label, type, options, value, hasAll }, changed) {
  const id = `variable-${name}`;
  const take = ({ target }) => changed(name, [target.value]);
  const choices = [...(hasAll ? [{ value: all, text: word('all') }] : []), ...options];
  const input =
    type === 'textbox'
      ? element('input', { id, value: value[0] ?? '', change: take })
      : element(
          'select',
          { id, change: take },
          ...choices.map((one) =>
            element('option', { value: one.value, selected: value.includes(one.value) }, one.text),
          ),
        );
  const about = { class: 'variable-one', 'data-variable': name };
  return element('div', about, element('label', { for: id, class: 'quiet' }, label), input);
}

function several({ name, label, options, value, hasAll }, changed) {
  const chosen = new Set(value);
  const choices = [...(hasAll ? [{ value: all, text: word('all') }] : []), ...options];
  const texts = new Map(choices.map((one) => [one.value, one.text]));
  const named = () => `${label}: ${said(chosen, texts)}`;
  const { details, summary, box } = dropDown(name, named());
  for (const one of choices) {
    const tick = element('input', { type: 'checkbox', checked: chosen.has(one.value) });
    tick.addEventListener('change', () => {
      if (one.value === all) chosen.clear();
      else chosen.delete(all);
      if (tick.checked) chosen.add(one.value);
      else chosen.delete(one.value);
      for (const [index, other] of box.querySelectorAll('input').entries())
        other.checked = chosen.has(choices[index].value);
      summary.textContent = named();
    });
    box.append(element('label', {}, tick, ` ${one.text}`));
  }
  details.addEventListener('toggle', () => {
    const made = chosen.size === 0 && hasAll ? [all] : [...chosen];
    if (!details.open && made.join() !== value.join()) changed(name, made);
  });
  return details;
}

/** A click elsewhere closes what is open. */
document.addEventListener('click', ({ target }) => {
  for (const details of document.querySelectorAll('details.variable'))
    if (target instanceof Node && !details.contains(target)) details.removeAttribute('open');
});

function dropDown(name, text) {
  const box = element('div', { class: 'choices' });
  const summary = element('summary', { class: 'pick' }, text);
  const details = element('details', { class: 'variable', 'data-variable': name }, summary, box);
  details.addEventListener('focusout', ({ relatedTarget }) => {
    if (relatedTarget instanceof Node && !details.contains(relatedTarget)) details.open = false;
  });
  return { details, summary, box };
}

function said(chosen, texts) {
  if (chosen.size === 0 || chosen.has(all)) return word('all');
  const names = [...chosen].map((value) => texts.get(value) ?? value);
  return names.length > 2 ? word('chosen', { count: names.length }) : names.join(', ');
}

/** What marks are shown, and what they say: a line in a picture is nothing to who cannot see it. */
function annotationsBox(annotations, marks, annotate) {
  const { details, box } = dropDown('annotations', `${word('annotations')}: ${marks.length}`);
  const on = new Set(annotations.flatMap(({ name, isOn }) => (isOn ? [name] : [])));
  for (const { name, label, color } of annotations) {
    const tick = element('input', { type: 'checkbox', checked: on.has(name) });
    tick.addEventListener('change', () => {
      if (tick.checked) on.add(name);
      else on.delete(name);
    });
    box.append(element('label', {}, tick, ' ', swatch(paint(color)), ` ${label}`));
  }
  const lines = marks
    .slice(0, marksListed)
    .map(({ at, name, text }) => element('li', {}, `${moment(at)} ${name}: ${text}`));
  box.append(
    lines.length > 0 ? element('ul', { class: 'marks' }, ...lines) : element('p', { class: 'quiet' }, word('noMarks')),
  );
  const before = [...on].join();
  details.addEventListener('toggle', () => {
    if (!details.open && [...on].join() !== before) annotate([...on]);
  });
  return details;
}

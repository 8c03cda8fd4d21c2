import { element } from './dom.js';

const all = '$__all';

/** The row of variables above the panels; only what has changed is made anew, so that nobody loses the focus. */
export function startVariables(box, changed) {
  let shown = '';
  return {
    clear() {
      shown = '';
      box.replaceChildren();
    },
    show(variables) {
      const text = JSON.stringify(variables);
      if (text === shown || (box.contains(document.activeElement) && box.querySelector('details[open]'))) return;
      shown = text;
      const visible = variables.filter(({ isHidden }) => !isHidden);
      box.replaceChildren(...visible.map((one) => (one.isMulti ? several(one, changed) : single(one, changed))));
    },
  };
}

function single({ name, label, type, options, value, hasAll }, changed) {
  const id = `variable-${name}`;
  const take = ({ target }) => changed(name, [target.value]);
  const choices = [...(hasAll ? [all] : []), ...options];
  const input =
    type === 'textbox'
      ? element('input', { id, value: value[0] ?? '', change: take })
      : element(
          'select',
          { id, change: take },
          ...choices.map((one) =>
            element('option', { value: one, selected: value.includes(one) }, one === all ? 'All' : one),
          ),
        );
  return element('div', { class: 'variable-one' }, element('label', { for: id, class: 'quiet' }, label), input);
}

function several({ name, label, options, value, hasAll }, changed) {
  const chosen = new Set(value);
  const box = element('div', { class: 'choices' });
  const summary = element('summary', { class: 'pick' }, `${label}: ${said(chosen)}`);
  const details = element('details', { class: 'variable' }, summary, box);
  const choices = [...(hasAll ? [all] : []), ...options];
  for (const one of choices) {
    const tick = element('input', { type: 'checkbox', checked: chosen.has(one) });
    tick.addEventListener('change', () => {
      if (one === all) chosen.clear();
      else chosen.delete(all);
      if (tick.checked) chosen.add(one);
      else chosen.delete(one);
      for (const [index, other] of box.querySelectorAll('input').entries()) other.checked = chosen.has(choices[index]);
      summary.textContent = `${label}: ${said(chosen)}`;
    });
    box.append(element('label', {}, tick, ` ${one === all ? 'All' : one}`));
  }
  details.addEventListener('toggle', () => {
    const made = chosen.size === 0 ? [all] : [...chosen];
    if (!details.open && made.join() !== value.join()) changed(name, made);
  });
  details.addEventListener('focusout', ({ relatedTarget }) => {
    if (relatedTarget instanceof Node && !details.contains(relatedTarget)) details.open = false;
  });
  document.addEventListener('click', ({ target }) => {
    if (target instanceof Node && !details.contains(target)) details.open = false;
  });
  return details;
}

function said(chosen) {
  if (chosen.size === 0 || chosen.has(all)) return 'All';
  const names = [...chosen];
  return names.length > 2 ? `${names.length} chosen` : names.join(', ');
}

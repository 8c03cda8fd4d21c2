import type { Field } from '../../nodes/forms/field.ts';
import type { Credential, NodeDescription, NodeSet } from '../../nodes/forms/node-description.ts';
import { nameField } from '../../nodes/forms/shared-fields.ts';
import { clientDescription } from './client-description.ts';
import { type FormPlace, formRow } from './form-row.ts';
import { element, scriptJson } from './html.ts';

/** The editor's part of a set: a template for each type, and one line that registers them all. */
export function setHtml(set: NodeSet): string {
  const register = element('script', {}, `virtflow.register(${scriptJson(set.nodes.map(clientDescription))});`);
  return `${[...set.nodes.map(template), register].join('\n')}\n`;
}

function template(node: NodeDescription): string {
  const place = { type: node.type, prefix: prefixOf(node) };
  const rows = rowsOf(withName(node)).map((fields) => formRow(place, fields));
  // Credentials come before what is tested with them.
  const at = rows.length - (node.fields.at(-1)?.kind === 'widget' ? 1 : 0);
  rows.splice(at, 0, ...(node.credentials ?? []).map((credential) => credentialRow(place, credential)));
  return element('script', { type: 'text/html', 'data-template-name': node.type }, '\n', rows.join('\n'), '\n');
}

export function prefixOf(node: NodeDescription): string {
  return node.category === 'config' ? 'node-config-input' : 'node-input';
}

/** A configuration node's name is its own, with its own rules. */
export function withName(node: NodeDescription): readonly Field[] {
  return node.fields.some(({ name }) => name === 'name') ? node.fields : [nameField, ...node.fields];
}

/** Neighbours with the same `row` share one. */
function rowsOf(fields: readonly Field[]): Field[][] {
  const rows: Field[][] = [];
  for (const field of fields) {
    const last = rows.at(-1);
    if (last && field.row !== undefined && last[0]?.row === field.row) last.push(field);
    else rows.push([field]);
  }
  return rows;
}

function credentialRow({ type, prefix }: FormPlace, { name, type: kind }: Credential): string {
  const id = `${prefix}-${name}`;
  const key = `${type}.credentials.${name}`;
  const icon = element('i', {
    class: `fa ${kind === 'password' ? 'fa-lock' : 'fa-user'} fa-fw`,
    'aria-hidden': 'true',
  });
  return element(
    'div',
    { class: 'form-row virtflow-row', 'data-virtflow-row': name },
    element(
      'label',
      { for: id, 'data-i18n': `[title]${key}.description` },
      icon,
      element('span', { 'data-i18n': `${key}.label` }),
    ),
    element('div', { class: 'virtflow-controls' }, element('input', { type: kind, id, autocomplete: 'new-password' })),
  );
}

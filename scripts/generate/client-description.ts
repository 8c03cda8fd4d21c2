import { defaultTarget, type Field } from '../../nodes/forms/field.ts';
import type { NodeDescription } from '../../nodes/forms/node-description.ts';
import { prefixOf, withName } from './set-html.ts';

/** What the browser must know of a node; the words come from the catalogue. */
export function clientDescription(node: NodeDescription) {
  const { type, version, category, colour, icon, inputs, outputs, outputsWhenOff, outputLabels, inputLabel } = node;
  return {
    type,
    version,
    category,
    colour,
    icon,
    inputs,
    outputs,
    outputsWhenOff,
    hasInputLabel: inputLabel !== undefined,
    outputLabels: outputLabels?.length ?? 0,
    prefix: prefixOf(node),
    alignRight: inputs > 0 && outputs === 0,
    fields: withName(node)
      .filter(({ kind }) => kind !== 'widget')
      .map(clientField),
    credentials: node.credentials?.map((credential) => ({ name: credential.name, type: credential.type })),
  };
}

/** Everything of a field but its words and its place. */
function clientField(field: Field) {
  const { label: _label, description: _description, icon: _icon, row: _row, ...rest } = field;
  const value = defaultOf(field);
  const target = field.kind === 'steps' ? { target: undefined, modes: field.target.modes } : {};
  const options = 'options' in field ? { options: field.options.map((option) => option.value) } : {};
  return { ...rest, ...target, ...options, default: value };
}

function defaultOf(field: Field): unknown {
  if (field.kind === 'target') return defaultTarget(field);
  if (field.kind === 'steps' || field.kind === 'members') return [];
  return 'default' in field ? field.default : '';
}

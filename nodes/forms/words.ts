import type { Field, Option } from './field.ts';
import type { NodeDescription } from './node-description.ts';
import { nameField } from './shared-fields.ts';

/** Where the words of a row stand in a set's catalogue. */
export function wordsKey(type: string, field: Field): string {
  return field.shared ? `common.fields.${field.name}` : `${type}.fields.${field.name}`;
}

/** A dot parts the levels of a key, so a value loses its own. */
export function optionKey(value: string): string {
  return value === '' ? 'none' : value.replaceAll('.', '-');
}

/** A catalogue: texts, and catalogues of a level below. */
export interface Catalogue {
  readonly [key: string]: string | Catalogue;
}

/** The English words of a node, as its description has them. */
export function wordsOf(node: NodeDescription): Catalogue {
  return {
    label: node.label,
    summary: node.summary,
    ...(node.inputLabel === undefined ? {} : { input: node.inputLabel }),
    ...(node.outputLabels ? { outputs: numbered(node.outputLabels) } : {}),
    fields: Object.fromEntries(
      node.fields.filter((field) => !field.shared).map((field) => [field.name, fieldWords(field)]),
    ),
    ...(node.credentials
      ? { credentials: Object.fromEntries(node.credentials.map((one) => [one.name, labelled(one)])) }
      : {}),
  };
}

/** The English words of the rows that nodes share. */
export function sharedWords(nodes: readonly NodeDescription[]): Catalogue {
  const shared = [nameField, ...nodes.flatMap(({ fields }) => fields).filter((field) => field.shared)];
  return Object.fromEntries(shared.map((field) => [field.name, fieldWords(field)]));
}

function fieldWords(field: Field): Catalogue {
  if (field.kind !== 'choice' && field.kind !== 'choices') return labelled(field);
  return { ...labelled(field), options: optionWords(field.options) };
}

function labelled({ label, description }: { readonly label: string; readonly description: string }): Catalogue {
  return { label, description };
}

function optionWords(options: readonly Option[]): Catalogue {
  return Object.fromEntries(options.map(({ value, label }) => [optionKey(value), label]));
}

function numbered(labels: readonly string[]): Catalogue {
  return Object.fromEntries(labels.map((label, index) => [String(index), label]));
}

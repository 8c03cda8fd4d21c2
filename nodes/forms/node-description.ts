import type { Field } from './field.ts';

/** A node as the palette and its form show it; templates, catalogues and help are generated from this. */
export interface NodeDescription<F extends readonly Field[] = readonly Field[]> {
  /** `virtflow-…`, never renamed: flows hold it. */
  readonly type: string;
  /** Of the configuration; raised with a migration. */
  readonly version: number;
  readonly category: 'virtflow' | 'virtflow vm' | 'virtflow alerts' | 'config';
  readonly colour: string;
  readonly icon: string;
  readonly inputs: 0 | 1;
  readonly outputs: number;
  /** Outputs there are when a switch of this name is off. */
  readonly outputsWhenOff?: { readonly field: string; readonly outputs: number };
  /** English, as all words here; other languages stand in `nodes/locales`. */
  readonly label: string;
  /** The tooltip, and the first paragraph of the help. */
  readonly summary: string;
  readonly inputLabel?: string;
  readonly outputLabels?: readonly string[];
  readonly fields: F;
  readonly credentials?: readonly Credential[];
  /** An action's declaration: its help is generated as well. */
  readonly action?: string;
  /** Its pages of help; one that is named like the node unless told. */
  readonly help?: readonly string[];
}

export interface Credential {
  readonly name: string;
  /** `password` never reaches the editor; `text` does. */
  readonly type: 'text' | 'password';
  readonly label: string;
  readonly description: string;
}

/** A file of nodes that Node-RED loads as one. */
export interface NodeSet {
  /** `nodes/<folder>/<folder>.ts` registers it. */
  readonly folder: string;
  readonly nodes: readonly NodeDescription[];
}

export const colours = {
  action: '#9fc7e8',
  disruptive: '#f0c890',
  destructive: '#e9a8a0',
  query: '#c5d8e8',
  event: '#b9dcc1',
  metric: '#cdbfe3',
  rule: '#f2d98b',
  schedule: '#a9d5d0',
  notification: '#e6c3d6',
  generic: '#b7cbd8',
  config: '#d5dde3',
} as const;

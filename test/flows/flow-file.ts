import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const directory = join(import.meta.dirname, '../../flows');

/** A node as a flow file has it. */
export interface FlowNode {
  readonly id: string;
  readonly type: string;
  readonly [property: string]: unknown;
}

export function flowNames(): string[] {
  return readdirSync(directory).map((file) => file.replace(/\.json$/, ''));
}

export function readFlow(name: string): FlowNode[] {
  return JSON.parse(readFileSync(join(directory, `${name}.json`), 'utf8'));
}

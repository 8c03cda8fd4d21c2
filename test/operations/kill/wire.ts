import type { Socket } from 'node:net';
import { createInterface } from 'node:readline';

/** Of what the hypervisor process is asked; each line of the wire is one of these. */
export type Question =
  | { readonly id: number; readonly ask: 'get'; readonly vm: string }
  | { readonly id: number; readonly ask: 'mark'; readonly vm: string; readonly token: string }
  | { readonly id: number; readonly ask: 'begin'; readonly vm: string; readonly token: string; readonly task: string }
  | { readonly id: number; readonly ask: 'task'; readonly task: string }
  | { readonly id: number; readonly ask: 'counts' };

export interface Answer {
  readonly id: number;
  /** The marks of a VM. */
  readonly marks?: readonly string[];
  /** From 0 to 1: how far a task is. */
  readonly progress?: number;
  /** How often each mark was set. */
  readonly counts?: Readonly<Record<string, number>>;
}

export function sendLine(socket: Socket, line: Question | Answer): void {
  if (socket.writable) socket.write(`${JSON.stringify(line)}\n`);
}

export function onLines<T>(socket: Socket, hear: (line: T) => void): void {
  const lines = createInterface({ input: socket });
  lines.on('line', (line) => hear(JSON.parse(line)));
  // The peer was killed: that is what the test is about.
  lines.on('error', () => socket.destroy());
}

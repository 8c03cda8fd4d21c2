import { createServer, type Socket } from 'node:net';
import { type Answer, onLines, type Question, sendLine } from './wire.ts';

/**
 * A hypervisor that outlives those who ask it: what it was told takes effect a little later, whether they still listen
 * or not, and it counts what it did.
 */
const counts: Record<string, number> = {};
const marks = new Map<string, string[]>();
const latestMs = 12;

const chance = () => Math.random() * latestMs;

function mark(vm: string, token: string): void {
  counts[token] = (counts[token] ?? 0) + 1;
  marks.set(vm, [...(marks.get(vm) ?? []), token]);
}

/** When each task began, and how long it takes. */
const tasks = new Map<string, { readonly begun: number; readonly lasts: number }>();
/** Long enough to be found at work by the next life of a controller: perhaps, or for certain. */
const longestTaskMs = 1200;
const certainTaskMs = 4000;

function begin(vm: string, token: string, task: string): void {
  const lasts = token.startsWith('certain') ? certainTaskMs : Math.random() * longestTaskMs;
  tasks.set(task, { begun: performance.now(), lasts });
  setTimeout(mark, lasts, vm, token);
}

function progressOf(task: string): { progress?: number } {
  const found = tasks.get(task);
  return found ? { progress: Math.min((performance.now() - found.begun) / found.lasts, 1) } : {};
}

function serve(socket: Socket, question: Question): void {
  const answer = (more: Omit<Answer, 'id'>) => sendLine(socket, { id: question.id, ...more });
  const change = (vm: string, token: string) => {
    mark(vm, token);
    setTimeout(answer, chance(), {});
  };
  if (question.ask === 'counts') answer({ counts });
  else if (question.ask === 'get') answer({ marks: marks.get(question.vm) ?? [] });
  else if (question.ask === 'task') answer(progressOf(question.task));
  else if (question.ask === 'begin') {
    begin(question.vm, question.token, question.task);
    answer({});
  } else setTimeout(change, chance(), question.vm, question.token);
}

const server = createServer((socket) => {
  onLines<Question>(socket, (question) => serve(socket, question));
});
server.listen(0, '127.0.0.1', () => {
  const address = server.address();
  process.stdout.write(`${typeof address === 'object' ? address?.port : ''}\n`);
});
// Whoever started it has gone: nobody needs it any more.
process.stdin.on('end', () => process.exit()).resume();

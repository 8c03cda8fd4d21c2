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

/** How far each task is, as whoever asks is told. */
const tasks = new Map<string, (asker: Socket) => number>();
/** Long enough to be found at work by the next life of a controller, perhaps. */
const longestTaskMs = 1200;

function begin(vm: string, token: string, task: string): void {
  const end = () => mark(vm, token);
  tasks.set(task, token.startsWith('certain') ? untilFollowed(end) : timed(end));
}

function timed(end: () => void): () => number {
  const [begun, lasts] = [performance.now(), Math.random() * longestTaskMs];
  setTimeout(end, lasts);
  return () => Math.min((performance.now() - begun) / lasts, 1);
}

/** One that ends only after a second life of a controller has found it at work. */
function untilFollowed(end: () => void): (asker: Socket) => number {
  const askers = new Set<Socket>();
  let asked = 0;
  return (asker) => {
    askers.add(asker);
    if (askers.size < 2) return 0.3;
    asked += 1;
    if (asked === 3) end();
    return asked < 3 ? 0.6 : 1;
  };
}

function progressOf(task: string, asker: Socket): { progress?: number } {
  const found = tasks.get(task);
  return found ? { progress: found(asker) } : {};
}

function serve(socket: Socket, question: Question): void {
  const answer = (more: Omit<Answer, 'id'>) => sendLine(socket, { id: question.id, ...more });
  const change = (vm: string, token: string) => {
    mark(vm, token);
    setTimeout(answer, chance(), {});
  };
  if (question.ask === 'counts') answer({ counts });
  else if (question.ask === 'get') answer({ marks: marks.get(question.vm) ?? [] });
  else if (question.ask === 'task') answer(progressOf(question.task, socket));
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

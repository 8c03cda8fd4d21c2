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

function serve(socket: Socket, question: Question): void {
  const answer = (more: Omit<Answer, 'id'>) => sendLine(socket, { id: question.id, ...more });
  const change = (vm: string, token: string) => {
    mark(vm, token);
    setTimeout(answer, chance(), {});
  };
  if (question.ask === 'counts') answer({ counts });
  else if (question.ask === 'get') answer({ marks: marks.get(question.vm) ?? [] });
  else setTimeout(change, chance(), question.vm, question.token);
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

import { text } from 'node:stream/consumers';
import { invalid } from './words.ts';

const enter = new Set(['\r', '\n', '\u0004']);
const erase = new Set(['\u007f', '\b']);
const interrupt = '\u0003';

/**
 * A value from standard input, without the line break at its end; at a terminal it is asked for, and not shown.
 * @throws OPTION_INVALID when somebody breaks off
 */
export async function askSecret(question: string): Promise<string> {
  const { stdin, stderr } = process;
  if (!stdin.isTTY) return (await text(stdin)).replace(/\r?\n$/, '');
  stderr.write(question);
  stdin.setRawMode(true);
  stdin.setEncoding('utf8');
  try {
    return await typed(stdin);
  } finally {
    stdin.setRawMode(false);
    stdin.pause();
    stderr.write('\n');
  }
}

async function typed(stdin: NodeJS.ReadStream): Promise<string> {
  const characters: string[] = [];
  for await (const chunk of stdin.iterator({ destroyOnReturn: false })) {
    for (const character of String(chunk)) {
      if (enter.has(character)) return characters.join('');
      if (character === interrupt) throw invalid('<value>', 'nothing was entered; nothing was changed');
      if (erase.has(character)) characters.pop();
      else characters.push(character);
    }
  }
  return characters.join('');
}

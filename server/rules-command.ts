import { readFileSync } from 'node:fs';
import { VirtflowError } from '../lib/model/errors.ts';
import { parseJson } from '../lib/model/json.ts';
import { runTrials } from '../lib/rules/trials.ts';
import { type AccessWords, type Subcommand, subcommand, wordsAs } from './access/words.ts';

const commands: Readonly<Record<string, Subcommand<(words: readonly string[], json: boolean) => void>>> = {
  test: { run: test, takes: [] },
};

/** `virtflow rules test <file>`: needs no virtflow that runs, and no data directory. */
export async function rulesCommand(options: AccessWords, json: boolean): Promise<void> {
  const { run, words } = subcommand(commands, options);
  run(words, json);
}

/** @throws RULE_INVALID, RULE_TEST_FAILED */
function test(words: readonly string[], json: boolean): void {
  const [path = ''] = wordsAs(words, 'file');
  const results = runTrials(read(path));
  if (json) console.log(JSON.stringify(results, null, 2));
  else {
    for (const { name, passed, difference } of results) {
      console.log(`${passed ? 'ok    ' : 'FAILED'} ${name}`);
      for (const line of difference) console.log(`         ${line}`);
    }
  }
  const failed = results.filter(({ passed }) => !passed).length;
  if (failed > 0) throw new VirtflowError('RULE_TEST_FAILED', { failed, count: results.length });
}

function read(path: string): unknown {
  try {
    return parseJson(readFileSync(path, 'utf8'));
  } catch (thrown) {
    const reason = `${path} cannot be read: ${thrown instanceof Error ? thrown.message : String(thrown)}`;
    throw new VirtflowError('RULE_INVALID', { reason }, { cause: thrown });
  }
}

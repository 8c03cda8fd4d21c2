import { readFileSync } from 'node:fs';
import { readKey } from '../../lib/secrets/key-text.ts';
import { Secrets } from '../../lib/secrets/secrets.ts';
import { askSecret } from './ask-secret.ts';
import { whoTypes, withAccess } from './with-access.ts';
import { type AccessWords, invalid, type Subcommand, subcommand, wordsAs } from './words.ts';

type Command = (secrets: Secrets, words: readonly string[], options: SecretOptions) => Promise<void> | void;

interface SecretOptions {
  readonly json: boolean;
  readonly all: boolean;
}

const commands: Readonly<Record<string, Subcommand<Command>>> = {
  set: { run: set, takes: [] },
  list: { run: list, takes: [] },
  remove: { run: remove, takes: ['all'] },
  'rotate-key': { run: rotateKey, takes: [] },
};

/** `virtflow secret set|list|remove|rotate-key`; works beside a running virtflow too. */
export async function secretCommand(dataDirectory: string, options: AccessWords, json: boolean): Promise<void> {
  const { run, words } = subcommand(commands, options);
  const all = options.all === true;
  await withAccess(dataDirectory, ({ audit }, store) =>
    run(new Secrets({ store, dataDirectory, audit }), words, { json, all }),
  );
}

async function set(secrets: Secrets, words: readonly string[]): Promise<void> {
  const [name = '', odd] = words;
  // A value there would stand in the shell's history, and in every list of processes.
  if (odd !== undefined) throw invalid('<value>', 'it is read from standard input, and never from the command line');
  wordsAs(words, 'name');
  secrets.open();
  secrets.vault.set(whoTypes(), name, await askSecret(`Value of ${name}: `));
  console.log(`The secret ${name} is kept; settings name it \${secret:${name}}`);
}

function list({ vault }: Secrets, words: readonly string[], { json }: SecretOptions): void {
  wordsAs(words);
  const entries = vault.list();
  if (json) console.log(JSON.stringify(entries, null, 2));
  else if (entries.length === 0) console.log('There are no secrets.');
  for (const { name, setAt, setBy, key } of json ? [] : entries) {
    const at = new Date(setAt).toISOString().slice(0, 19).replace('T', ' ');
    console.log(`${name.padEnd(24)} set ${at} by ${setBy}, key ${key}`);
  }
}

/** Needs no key: one that is lost must not keep virtflow from being used. */
function remove({ vault }: Secrets, words: readonly string[], { all }: SecretOptions): void {
  if (all) {
    wordsAs(words);
    console.log(`All that was encrypted is gone: ${vault.removeAll(whoTypes())}.`);
    return;
  }
  const [name = ''] = wordsAs(words, 'name');
  vault.remove(whoTypes(), name);
  console.log(`The secret ${name} is gone.`);
}

function rotateKey(secrets: Secrets, words: readonly string[]): void {
  wordsAs(words);
  secrets.open();
  const count = secrets.vault.rotateKey(whoTypes(), givenKey());
  console.log(`Encrypted anew with another key: ${count}.`);
}

/** Where virtflow cannot put a new key itself, people bring it. */
function givenKey(): Buffer | undefined {
  const { VIRTFLOW_NEW_KEY_FILE: path } = process.env;
  if (!path) return undefined;
  try {
    return readKey(readFileSync(path, 'utf8'), `the file ${path}`);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') {
      throw invalid('VIRTFLOW_NEW_KEY_FILE', 'there is no such file');
    }
    throw error;
  }
}

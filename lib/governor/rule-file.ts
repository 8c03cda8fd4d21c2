import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { toVirtflowError, VirtflowError } from '../model/errors.ts';
import { writePrivateFile } from '../store/private-file.ts';
import { parseRules, type Rules } from './rules.ts';

const longestBytes = 1_000_000;

/** What was found when the file had changed: rules, none because there is no file, or a file that is of no use. */
export type Found = { readonly rules: Rules | undefined } | { readonly problem: VirtflowError };

/** `governor.json` in the data directory; people and the editor write it. */
export class RuleFile {
  readonly path: string;
  #stamp: string | undefined;

  constructor(dataDirectory: string) {
    this.path = join(dataDirectory, 'governor.json');
  }

  /** What is in it, if it has changed since it was asked for last. */
  changed(): Found | undefined {
    const stamp = this.#look();
    if (stamp === this.#stamp) return undefined;
    this.#stamp = stamp;
    return stamp === '' ? { rules: undefined } : this.#read();
  }

  /** @throws STORE_FULL, STORE_BROKEN */
  write(rules: Rules): void {
    writePrivateFile(this.path, `${JSON.stringify(rules, null, 2)}\n`);
    this.#stamp = this.#look();
  }

  #read(): Found {
    try {
      return { rules: readRules(this.path) };
    } catch (error) {
      return { problem: toVirtflowError(error) };
    }
  }

  #look(): string {
    const found = statSync(this.path, { throwIfNoEntry: false });
    return found ? `${found.ino} ${found.size} ${found.mtimeMs} ${found.ctimeMs}` : '';
  }
}

/** Reads a file of rules. @throws GOVERNOR_RULES_INVALID */
export function readRules(path: string): Rules {
  return parseRules(readJson(path));
}

function readJson(path: string): unknown {
  try {
    if (statSync(path).size > longestBytes) throw new Error(`it is longer than ${longestBytes} bytes`);
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new VirtflowError('GOVERNOR_RULES_INVALID', { reason: `${path}: ${reason}` }, { cause: error });
  }
}

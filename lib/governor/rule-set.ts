import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { AuditLog } from '../access/audit/audit-log.ts';
import { VirtflowError } from '../model/errors.ts';
import type { Log } from '../model/log.ts';
import { writePrivateFile } from '../store/private-file.ts';
import { SettingsFile } from '../store/settings-file.ts';
import type { States } from '../store/store.ts';
import { defaultRules } from './defaults.ts';
import { parseRules, type Rules } from './rules.ts';

export interface RuleSetParts {
  readonly dataDirectory: string;
  readonly states: States;
  readonly audit: AuditLog;
  readonly log: Log;
}

const room = 'governor';
const key = 'rules';

/**
 * The rules that are in force: those of `governor.json`, the last good ones while it is broken, the defaults where there
 * is none. Each change is in the audit record with what was before, also one that was made while virtflow did not run.
 */
export class RuleSet {
  readonly #parts: RuleSetParts;
  readonly #file: SettingsFile<Rules>;
  #rules: Rules;
  #problem: VirtflowError | undefined;
  /** Those that the audit record knows of. */
  #known: Rules | undefined;

  /** @throws STORE_* */
  constructor(parts: RuleSetParts) {
    const { dataDirectory, states, log } = parts;
    const path = join(dataDirectory, 'governor.json');
    this.#parts = parts;
    this.#file = new SettingsFile({
      path,
      parse: parseRules,
      absent: defaultRules,
      unusable: defaultRules,
      states,
      log,
    });
    this.#rules = this.#file.current;
  }

  get rules(): Rules {
    return this.#rules;
  }

  /** What is wrong with the file, while older rules are in force. */
  get problem(): VirtflowError | undefined {
    return this.#problem;
  }

  /** Takes up what somebody has written into the file; true when something is different now. @throws STORE_* */
  refresh(): boolean {
    return this.#take(this.#file.path);
  }

  /** @throws GOVERNOR_RULES_INVALID, STORE_* and then nothing has changed */
  set(by: string, value: unknown): void {
    const rules = parseRules(value);
    writePrivateFile(this.#file.path, `${JSON.stringify(rules, null, 2)}\n`);
    this.#take(by);
  }

  #take(by: string): boolean {
    const [before, beforeProblem] = [this.#rules, this.#problem];
    this.#rules = this.#file.current;
    this.#problem = this.#file.problem;
    this.#record(by);
    return this.#rules !== before || this.#problem !== beforeProblem;
  }

  #record(by: string): void {
    const { states, audit } = this.#parts;
    if (this.#known === this.#rules) return;
    // Another process may have recorded it.
    const { rules: before } = this.#recorded();
    if (JSON.stringify(before) !== JSON.stringify(this.#rules.rules)) {
      const about = { before, after: this.#rules.rules };
      audit.change(() => states.put(room, key, this.#rules), 'governor.rules-changed', by, about);
    }
    this.#known = this.#rules;
  }

  #recorded(): Rules {
    const kept = this.#parts.states.get(room, key);
    try {
      return kept === undefined ? defaultRules : parseRules(kept);
    } catch {
      // Of another version, whose form is not known here.
      return defaultRules;
    }
  }
}

/** Reads rules from any file. @throws GOVERNOR_RULES_INVALID */
export function readRules(path: string): Rules {
  return parseRules(readJson(path));
}

function readJson(path: string): unknown {
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new VirtflowError('GOVERNOR_RULES_INVALID', { reason: `${path}: ${reason}` }, { cause: error });
  }
}

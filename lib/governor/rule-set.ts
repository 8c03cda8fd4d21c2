import type { AuditLog } from '../access/audit/audit-log.ts';
import type { ErrorRecord } from '../model/errors.ts';
import type { Log } from '../model/log.ts';
import type { States } from '../store/store.ts';
import { defaultRules } from './defaults.ts';
import { RuleFile } from './rule-file.ts';
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
 * The rules that are in force: those of the file, the last good ones while it is broken, the defaults where there is
 * none. Each change is in the audit record with what was before.
 */
export class RuleSet {
  readonly file: RuleFile;
  readonly #parts: RuleSetParts;
  #rules: Rules;
  #problem: ErrorRecord | undefined;

  /** @throws STORE_* */
  constructor(parts: RuleSetParts) {
    this.#parts = parts;
    this.file = new RuleFile(parts.dataDirectory);
    this.#rules = this.#lastGood();
  }

  get rules(): Rules {
    return this.#rules;
  }

  /** What is wrong with the file, while older rules are in force. */
  get problem(): ErrorRecord | undefined {
    return this.#problem;
  }

  /** Takes up what somebody has written into the file; true when something is different now. @throws STORE_* */
  refresh(): boolean {
    const found = this.file.changed();
    if (!found) return false;
    if ('problem' in found) {
      this.#problem = found.problem.toJSON();
      this.#parts.log.error(`Governor: ${found.problem.message} The rules from before stay in force.`);
      return true;
    }
    const wasBroken = this.#problem !== undefined;
    this.#problem = undefined;
    return this.#adopt(found.rules ?? defaultRules, this.file.path) || wasBroken;
  }

  /** @throws GOVERNOR_RULES_INVALID, STORE_* and then nothing has changed */
  set(by: string, value: unknown): void {
    const rules = parseRules(value);
    this.file.write(rules);
    this.#problem = undefined;
    this.#adopt(rules, by);
  }

  #adopt(rules: Rules, by: string): boolean {
    if (isSame(rules, this.#rules)) return false;
    const about = { before: this.#rules.rules, after: rules.rules };
    const { states, audit, log } = this.#parts;
    audit.change(() => states.put(room, key, rules), 'governor.rules-changed', by, about);
    log.info(`Governor: ${rules.rules.length} rules by ${by}`);
    this.#rules = rules;
    return true;
  }

  #lastGood(): Rules {
    const kept = this.#parts.states.get(room, key);
    try {
      return kept === undefined ? defaultRules : parseRules(kept);
    } catch {
      // Of an older version, whose form is no longer known.
      return defaultRules;
    }
  }
}

function isSame(one: Rules, other: Rules): boolean {
  return JSON.stringify(one.rules) === JSON.stringify(other.rules);
}

import { join } from 'node:path';
import type { AuditLog } from '../access/audit/audit-log.ts';
import { type ErrorRecord, VirtflowError } from '../model/errors.ts';
import { Feed } from '../model/feed.ts';
import type { Log } from '../model/log.ts';
import { writePrivateFile } from '../store/private-file.ts';
import { SettingsFile } from '../store/settings-file.ts';
import type { States } from '../store/store.ts';
import { type ListedRule, parseListedRule, parseRuleFile, ruleFileOf } from './rule-file.ts';

export interface RuleSetParts {
  readonly dataDirectory: string;
  readonly states: States;
  readonly audit: Pick<AuditLog, 'change'>;
  readonly log: Log;
}

const room = 'rules';
const none: readonly ListedRule[] = [];

/** The rules of `rules.json`, the last good ones while it is broken. */
export class RuleSet {
  readonly changes = new Feed<void>();
  readonly #parts: RuleSetParts;
  readonly #file: SettingsFile<readonly ListedRule[]>;
  #by = 'rules.json';

  /** @throws STORE_* */
  constructor(parts: RuleSetParts) {
    const { dataDirectory, states, log } = parts;
    const path = join(dataDirectory, 'rules.json');
    this.#parts = parts;
    this.#file = new SettingsFile({ path, parse: parseRuleFile, absent: none, unusable: none, states, log });
    this.#record();
    this.#file.changes.subscribe(() => {
      this.#record();
      this.changes.publish();
    });
  }

  start(): void {
    this.#file.start();
  }

  stop(): void {
    this.#file.stop();
  }

  get current(): readonly ListedRule[] {
    return this.#file.current;
  }

  /** What is wrong with the file, while older rules are in force. */
  get problem(): ErrorRecord | null {
    return this.#file.problem?.toJSON() ?? null;
  }

  /** Adds a rule, or replaces the one of its id. @throws RULE_INVALID, SETTINGS_FILE_INVALID, STORE_* */
  put(by: string, value: unknown): ListedRule {
    const listed = parseListedRule(value);
    const at = this.#at(listed.rule.id);
    this.#write(by, at < 0 ? [...this.current, listed] : this.current.with(at, listed));
    return listed;
  }

  /** @throws RULE_UNKNOWN, SETTINGS_FILE_INVALID, STORE_* */
  delete(by: string, id: string): void {
    const at = this.#known(id);
    this.#write(by, this.current.toSpliced(at, 1));
  }

  /** @throws RULE_UNKNOWN, SETTINGS_FILE_INVALID, STORE_* */
  enable(by: string, id: string, enabled: boolean): ListedRule {
    const at = this.#known(id);
    const { rule } = this.current[at] ?? {};
    if (!rule) throw new VirtflowError('RULE_UNKNOWN', { rule: id });
    this.#write(by, this.current.with(at, { rule, enabled }));
    return { rule, enabled };
  }

  #at(id: string): number {
    return this.current.findIndex(({ rule }) => rule.id === id);
  }

  #known(id: string): number {
    const at = this.#at(id);
    if (at >= 0) return at;
    throw new VirtflowError('RULE_UNKNOWN', { rule: id });
  }

  /** A file that somebody is at work on is not written over. */
  #write(by: string, rules: readonly ListedRule[]): void {
    const { problem } = this.#file;
    if (problem) throw problem;
    parseRuleFile(ruleFileOf(rules));
    this.#by = by;
    try {
      writePrivateFile(this.#file.path, `${JSON.stringify(ruleFileOf(rules), null, 2)}\n`);
      void this.#file.current;
    } finally {
      this.#by = 'rules.json';
    }
  }

  #record(): void {
    const { states, audit } = this.#parts;
    const now = Object.fromEntries(this.#file.current.map((listed) => [listed.rule.id, listed]));
    const before = recordOf(states.get(room, 'listed'));
    const changed = [...new Set([...Object.keys(before), ...Object.keys(now)])].filter(
      (id) => JSON.stringify(before[id]) !== JSON.stringify(now[id]),
    );
    if (changed.length === 0) return;
    const rules = changed.map((id) => ({ rule: id, before: before[id] ?? null, after: now[id] ?? null }));
    audit.change(() => states.put(room, 'listed', now), 'rules.changed', this.#by, { rules });
  }
}

function recordOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? { ...value } : {};
}

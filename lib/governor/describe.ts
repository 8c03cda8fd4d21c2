import { durationMs, durationText } from './duration.ts';
import type { Rule } from './rules.ts';

/** A rule as a sentence without its full stop: `at most 5 of vm.delete within 10 minutes`. */
export function describeRule(rule: Rule): string {
  switch (rule.type) {
    case 'budget':
      return `at most ${amount(rule)} ${actions(rule)} within ${span(rule.window)}${each(rule.per)}${where(rule)}`;
    case 'share':
      return `at most ${amount(rule)} VMs off or worked on at once${each(rule.per)}${where(rule)}, for ${actions(rule)}`;
    case 'coolDown':
      return `${span(rule.for)} of rest for each object after ${actions(rule)}${where(rule)}`;
    case 'breaker':
      return `stopped for ${span(rule.openFor)} after ${rule.failures} failures of ${actions(rule)} within ${span(rule.window)}${each(rule.per)}${where(rule)}`;
    case 'storm':
      return `at most ${rule.submissions} submissions within ${span(rule.window)}${each(rule.per)}, otherwise none until it was calm for ${span(rule.calmFor)}`;
    case 'readOnly':
      return `nothing may be changed${where(rule)}`;
    case 'protect':
      return `never ${actions(rule)}${where(rule)}`;
  }
}

function amount({ limit, percent }: { limit?: number; percent?: number }): string {
  return limit === undefined ? `${percent} % of the` : String(limit);
}

function actions({ actions }: { readonly actions: readonly string[] }): string {
  return actions.join(', ');
}

function span(text: string): string {
  return durationText(durationMs(text));
}

function each(per: string | undefined): string {
  return per === undefined || per === 'all' ? '' : ` for each ${per}`;
}

function where({ connection, selector }: { connection?: string; selector?: string }): string {
  return `${connection === undefined ? '' : ` on ${connection}`}${selector === undefined ? '' : ` where ${selector}`}`;
}

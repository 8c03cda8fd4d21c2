/** A condition on a tag, as a text query has it; a regular expression keeps its slashes. */
export interface TagCondition {
  readonly key: string;
  readonly operator: '=' | '!=' | '=~' | '!~';
  readonly value: string;
  readonly condition?: 'AND' | 'OR';
}

const one = /^"?(\w+)"?(?:::tag)?\s*(=~|!~|!=|=)\s*('(?:[^'\\]|\\.)*'|\/(?:[^/\\]|\\.)*\/)\s*(?:(AND|OR)\s+)?/i;

/** Reads `"host" =~ /^$host$/ AND "connection" = 'lab'`; undefined when it is something else. */
export function readConditions(text: string): readonly TagCondition[] | undefined {
  const found: TagCondition[] = [];
  let rest = text.trim();
  let join: 'AND' | 'OR' | undefined;
  while (rest !== '') {
    const match = one.exec(rest);
    const [whole = '', key = '', operator = '', value = '', next] = match ?? [];
    if (!match || !isOperator(operator)) return undefined;
    const isPattern = value.startsWith('/');
    if (isPattern !== operator.includes('~')) return undefined;
    found.push({ key, operator, value: isPattern ? value : unquoted(value), ...(join ? { condition: join } : {}) });
    rest = rest.slice(whole.length);
    if ((next === undefined) !== (rest === '')) return undefined;
    join = next?.toUpperCase() === 'OR' ? 'OR' : 'AND';
  }
  return found;
}

function isOperator(text: string): text is TagCondition['operator'] {
  return text === '=' || text === '!=' || text === '=~' || text === '!~';
}

function unquoted(text: string): string {
  return text.slice(1, -1).replace(/\\(.)/g, '$1');
}

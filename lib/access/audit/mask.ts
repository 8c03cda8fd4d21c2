import { createHash } from 'node:crypto';
import { withoutSecrets } from '../../model/secret-text.ts';

const hidden = '***';
const longestText = 256;
const deepest = 8;

const secretName =
  /pass(word|wd|phrase|code)?$|^pass|secret|token|credential|authori[sz]ation|cookie|private.?key|api.?key|access.?key|^pwd$|^pin$/i;
/** What stands after such a name without quotes, in a query, an option or a header. */
const unquoted =
  /((?:passwd|password|passphrase|secret|token|api[_-]?key)["']?\s*[=:]\s*)("[^"]*"|'[^']*'|[^\s&,;<>]+)/gi;

/**
 * Plain data without its secrets. A text that is long, such as a definition, is told by its length and digest: what is
 * in it cannot be known here.
 */
export function masked(value: unknown, depth = 0): unknown {
  if (typeof value === 'string') return maskedText(value);
  if (typeof value !== 'object' || value === null) return typeof value === 'bigint' ? String(value) : value;
  if (depth >= deepest) return '…';
  if (Array.isArray(value)) return value.map((part) => masked(part, depth + 1));
  return Object.fromEntries(
    Object.entries(value).map(([name, part]) => [name, maskedEntry(name, part, depth)] as const),
  );
}

function maskedEntry(name: string, value: unknown, depth: number): unknown {
  const tells = value === undefined || value === null || typeof value === 'boolean';
  return secretName.test(name) && !tells ? hidden : masked(value, depth + 1);
}

function maskedText(text: string): string {
  if (text.length > longestText) {
    const digest = createHash('sha256').update(text).digest('hex').slice(0, 32);
    return `${text.length} characters, sha256 ${digest}`;
  }
  return withoutSecrets(text).replace(unquoted, `$1${hidden}`);
}

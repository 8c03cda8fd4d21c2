import { createHash } from 'node:crypto';

const hidden = '***';
const longestText = 256;
const deepest = 8;

const secretName =
  /pass(word|wd|phrase|code)?$|^pass|secret|token|credential|authori[sz]ation|cookie|private.?key|api.?key|access.?key|^pwd$|^pin$/i;
/** User and password of a URL; what stands after such a name in XML, a query, an option or a header; our own tokens. */
const secretTexts: readonly [RegExp, string][] = [
  [/(\b[a-z][a-z0-9+.-]*:\/\/)[^\s/@]+@/gi, `$1${hidden}@`],
  [
    /((?:passwd|password|passphrase|secret|token|api[_-]?key)["']?\s*[=:]\s*)("[^"]*"|'[^']*'|[^\s&,;<>]+)/gi,
    `$1${hidden}`,
  ],
  [/(\b(?:bearer|basic)\s+)[\w.~+/=-]{8,}/gi, `$1${hidden}`],
  [/\bvf[st]_[\w-]{8,}/g, hidden],
  [/-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?(-----END [A-Z ]*PRIVATE KEY-----|$)/g, hidden],
];

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
  return secretTexts.reduce((masked, [pattern, replacement]) => masked.replace(pattern, replacement), text);
}

const hidden = '***';
/** A shorter one would take apart words that have nothing to do with it. */
const shortestKnown = 4;
const knownAtMost = 1_000;
/** Where a name alone says that it is one, `true` and `none` are none. */
const shortestPassing = 6;
const passingAtMost = 200;
const deepest = 8;

/** User and password of a URL; what is quoted after such a name in XML or JSON; headers; our own tokens; keys. */
const secretForms: readonly [RegExp, string][] = [
  [/(\b[a-z][a-z0-9+.-]*:\/\/)[^\s/@]+@/gi, `$1${hidden}@`],
  [
    /((?:passwd|password|passphrase|secret|token|api[_-]?key)\w*\\?["']?\s*[=:]\s*)(\\?"[^"\\]*\\?"|'[^']*')/gi,
    `$1${hidden}`,
  ],
  [/(\b(?:bearer|basic)\s+)[\w.~+/=-]{8,}/gi, `$1${hidden}`],
  [/\bvf[st]_[\w-]{8,}/g, hidden],
  [/-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?(-----END [A-Z ]*PRIVATE KEY-----|$)/g, hidden],
];

/** The secrets that this process has had in its hands, the latest last: those of settings, and those of definitions. */
const known = new Set<string>();
const passing = new Set<string>();
let knownForms: RegExp | undefined;

/** From now on no error, event or log line of this process shows this value, in whatever way it is written. */
export function learnSecret(value: string): void {
  if (value.length >= shortestKnown) learn(known, value, knownAtMost);
}

/** Learns what stands as a password in a document, XML or JSON. The latest few hundred are remembered. */
export function learnSecretsIn(document: string): void {
  for (const [, quoted, inner, element] of document.matchAll(passwordsInDocuments)) {
    const value = unescaped(quoted ?? inner ?? element ?? '');
    if (value.length >= shortestPassing) learn(passing, value, passingAtMost);
  }
}

function learn(secrets: Set<string>, value: string, atMost: number): void {
  const isNew = !secrets.delete(value);
  secrets.add(value);
  const [oldest] = secrets;
  if (secrets.size > atMost && oldest !== undefined) secrets.delete(oldest);
  if (isNew) knownForms = undefined;
}

/** A text for others to see: without the secrets that are known, and without what has the form of one. */
export function withoutSecrets(text: string): string {
  const withoutKnown = known.size + passing.size === 0 ? text : text.replace(allKnown(), hidden);
  return secretForms.reduce((shown, [form, replacement]) => shown.replace(form, replacement), withoutKnown);
}

export function recordWithoutSecrets(record: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  return Object.fromEntries(Object.entries(record).map(([name, part]) => [name, dataWithoutSecrets(part)]));
}

/** Plain data whose texts are without secrets; what is neither text, list nor plain object stays as it is. */
function dataWithoutSecrets(value: unknown, depth = 0): unknown {
  if (typeof value === 'string') return withoutSecrets(value);
  if (typeof value !== 'object' || value === null || depth >= deepest) return value;
  if (Array.isArray(value)) return value.map((part) => dataWithoutSecrets(part, depth + 1));
  if (Object.getPrototypeOf(value) !== Object.prototype) return value;
  return Object.fromEntries(Object.entries(value).map(([name, part]) => [name, dataWithoutSecrets(part, depth + 1)]));
}

function allKnown(): RegExp {
  knownForms ??= new RegExp([...known, ...passing].flatMap(formsOf).map(escaped).join('|'), 'g');
  return knownForms;
}

const passwordsInDocuments =
  /\b(?:passwd|password|passphrase)["']?\s*(?:[=:]\s*(?:"((?:[^"\\]|\\.)*)"|'([^']*)')|>([^<]+)<)/gi;

const entities: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', apos: "'", quot: '"' };

function unescaped(text: string): string {
  const plain = text.replace(/&(amp|lt|gt|apos|quot);/g, (_, name: string) => entities[name] ?? '');
  return plain.replace(/\\(["\\/])/g, '$1');
}

/** The ways in which a value may be written; the longer first, so that no rest of it stays. */
function formsOf(value: string): string[] {
  const bytes = Buffer.from(value);
  const forms = [
    value,
    inJson(value),
    inJson(inJson(value)),
    encodeURIComponent(value.toWellFormed()),
    bytes.toString('base64'),
    bytes.toString('base64url'),
    bytes.toString('hex'),
    value.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll("'", '&apos;').replaceAll('"', '&quot;'),
  ];
  return [...new Set(forms)].sort((a, b) => b.length - a.length);
}

function inJson(value: string): string {
  return JSON.stringify(value).slice(1, -1);
}

/** `RegExp.escape` is not there before Node 24. */
function escaped(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&');
}

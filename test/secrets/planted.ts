import { randomBytes } from 'node:crypto';

/** Something that came out: through which channel, and what. */
export interface Outcome {
  readonly channel: string;
  readonly what: string;
  readonly bytes: Buffer;
}

/** Runs of this length that two texts have in common by chance are not to be expected. */
const window = 8;
const step = 4;

/** Secrets that a test has planted, and how to find them again in whatever comes out. */
export class Planted {
  readonly #needles = new Map<string, readonly string[]>();

  /** Makes a secret that no other text has a part of. */
  plant(name: string): string {
    return this.know(name, `${letters()}&"'<ü/\\${letters()}`);
  }

  /** One for where not every character may stand. */
  plantPlain(name: string): string {
    return this.know(name, `${letters()}${letters()}`);
  }

  /** A secret that somebody else made. */
  know(name: string, value: string): string {
    this.#needles.set(name, formsOf(value));
    return value;
  }

  forget(name: string): void {
    this.#needles.delete(name);
  }

  get names(): readonly string[] {
    return [...this.#needles.keys()];
  }

  /** The names of the secrets that stand in it, whole or in part, in whatever way they are written. */
  in(bytes: Buffer): string[] {
    const text = bytes.toString('latin1');
    return this.names.filter((name) => this.#needles.get(name)?.some((needle) => text.includes(needle)));
  }

  /** Each leak as a line for people. */
  leaks(outcomes: readonly Outcome[], allowed: (outcome: Outcome, name: string) => boolean = () => false): string[] {
    return outcomes.flatMap((outcome) =>
      this.in(outcome.bytes)
        .filter((name) => !allowed(outcome, name))
        .map((name) => `${outcome.channel}: ${name} in ${outcome.what}`),
    );
  }
}

function letters(): string {
  return randomBytes(12).toString('base64').replace(/[+/]/g, 'x');
}

/** Parts of it, raw; whole, encoded. JSON, XML and URLs leave the parts as they are. */
function formsOf(value: string): readonly string[] {
  const parts = [];
  for (let at = 0; at + window <= value.length; at += step) parts.push(value.slice(at, at + window));
  const bytes = Buffer.from(value);
  const forms = [
    ...(parts.length > 0 ? parts : [value]),
    encodeURIComponent(value),
    JSON.stringify(value).slice(1, -1),
    bytes.toString('hex'),
    bytes.toString('hex').toUpperCase(),
    ...inBase64(bytes),
  ];
  return [...new Set(forms)].map((form) => Buffer.from(form).toString('latin1'));
}

/** Where it begins in what is encoded decides how it looks: `user:secret` of a header is another than the secret. */
function inBase64(bytes: Buffer): string[] {
  return [0, 1, 2].flatMap((before) => {
    const shifted = Buffer.concat([Buffer.alloc(before), bytes]);
    const certain = shifted.toString('base64').slice(before === 0 ? 0 : 4, Math.floor(shifted.length / 3) * 4);
    return [certain, certain.replaceAll('+', '-').replaceAll('/', '_')];
  });
}

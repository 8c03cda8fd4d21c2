import { word } from './words.js';

const all = '$__all';
const name = /\$(\w+)|\$\{([\w.]+)(?:\["([^"\]]+)"\])?(?::(\w+))?\}|\[\[(\w+)\]\]/g;

/** What a variable is: for people to read, or in the address of a page. */
export class Scope {
  #variables;
  #scoped;
  #range;

  constructor(variables, range, scoped = {}) {
    this.#variables = new Map(variables.map((one) => [one.name, one]));
    this.#range = range;
    this.#scoped = scoped;
  }

  within(scoped) {
    return new Scope([...this.#variables.values()], this.#range, { ...this.#scoped, ...scoped });
  }

  /** Of a title or a text. */
  text(text) {
    return String(text ?? '').replace(
      name,
      (whole, bare, braced, _, __, old) => this.#said(bare ?? braced ?? old) ?? whole,
    );
  }

  /** Of an address; values are encoded. `point` is what was clicked: `{ name, labels, value, at, fields }`. */
  address(text, point = {}) {
    return String(text ?? '').replace(name, (whole, bare, braced, quoted, format, old) => {
      const key = bare ?? braced ?? old;
      const own = ofPoint(key, quoted, point) ?? this.#ofRange(key);
      if (own !== undefined) return own;
      if (key === '__all_variables') return [...this.#variables.keys()].map((one) => this.#parameters(one)).join('&');
      if (format === 'queryparam') return this.#parameters(key);
      const values = this.values(key);
      return values === undefined ? whole : encodeURIComponent(values.join(','));
    });
  }

  /** Chosen, each of them where that is all; undefined where there is no such variable. */
  values(key) {
    if (this.#scoped[key] !== undefined) return [this.#scoped[key]];
    const variable = this.#variables.get(key);
    if (!variable) return undefined;
    return variable.value[0] === all ? variable.options.map(({ value }) => value) : variable.value;
  }

  #said(key) {
    if (this.#scoped[key] !== undefined) return this.#scoped[key];
    const variable = this.#variables.get(key);
    if (!variable) return this.#ofRange(key);
    if (variable.value[0] === all) return word('all');
    const texts = new Map(variable.options.map(({ value, text }) => [value, text]));
    return variable.value.map((value) => texts.get(value) ?? value).join(' + ');
  }

  #parameters(key) {
    const chosen = this.#scoped[key] !== undefined ? [this.#scoped[key]] : (this.#variables.get(key)?.value ?? []);
    return chosen.map((value) => `var-${key}=${encodeURIComponent(value)}`).join('&');
  }

  #ofRange(key) {
    const { from, to } = this.#range;
    if (key === '__from') return String(from);
    if (key === '__to') return String(to);
    return key === '__url_time_range' ? `from=${from}&to=${to}` : undefined;
  }
}

function ofPoint(key, quoted, { name: series, labels = {}, value, at, fields = {} }) {
  const [root, part, ...rest] = key.split('.');
  if (!['__data', '__field', '__series', '__value'].includes(root)) return undefined;
  const found =
    root === '__data'
      ? fields[quoted ?? rest.join('.')]
      : root === '__value'
        ? part === 'time'
          ? at
          : value
        : part === 'labels'
          ? labels[quoted ?? rest.join('.')]
          : series;
  return encodeURIComponent(String(found ?? ''));
}

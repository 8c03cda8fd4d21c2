/** A message as JSON can hold it, and the paths of what it cannot. */
export interface Plain {
  readonly value: unknown;
  /** `msg.req`, `msg.payload.socket`: left out, for it is no plain data, or there was no room for it. */
  readonly left: readonly string[];
}

/** JSON has neither bytes nor times: they stand as an object with this property, and so does whatever has it already. */
const tag = '$virtflow';
const deepest = 64;

/**
 * Copies plain data: texts, numbers, switches, null, lists, simple objects, bytes and times. What is anything else, goes
 * round in a circle, or would make it larger than `most` characters is left out and named.
 */
export function toPlain(value: unknown, most: number, name = 'msg'): Plain {
  const packer = new Packer(most);
  const packed = packer.pack(value, name, 0);
  return { value: packed === undefined ? null : packed, left: packer.left };
}

/** What `toPlain` made plain, as it was. */
export function fromPlain(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map(fromPlain);
  const record: Readonly<Record<string, unknown>> = { ...value };
  if (tag in record) return tagged(record);
  return unpacked(record);
}

class Packer {
  readonly left: string[] = [];
  readonly #above = new Set<object>();
  #room: number;
  /** The last part had no room. */
  #isFull = false;

  constructor(room: number) {
    this.#room = room;
  }

  pack(value: unknown, path: string, depth: number): unknown {
    switch (typeof value) {
      case 'string':
        return this.#fits(value.length + 2, value, path);
      case 'number':
        return Number.isFinite(value) ? this.#fits(8, value, path) : this.#leave(path);
      case 'boolean':
        return this.#fits(5, value, path);
      case 'undefined':
        return undefined;
      case 'object':
        return value === null ? this.#fits(4, value, path) : this.#packObject(value, path, depth);
      default:
        return this.#leave(path);
    }
  }

  #packObject(value: object, path: string, depth: number): unknown {
    if (value instanceof Date) return this.#fits(40, { [tag]: 'date', ms: value.getTime() }, path);
    if (value instanceof Uint8Array) return this.#packBytes(value, path);
    if (depth >= deepest || this.#above.has(value) || !isSimple(value)) return this.#leave(path);
    this.#above.add(value);
    const packed = Array.isArray(value) ? this.#packList(value, path, depth) : this.#packRecord(value, path, depth);
    this.#above.delete(value);
    return packed;
  }

  #packBytes(value: Uint8Array, path: string): unknown {
    const size = Math.ceil(value.length / 3) * 4 + 40;
    if (!this.#takes(size, path)) return undefined;
    return { [tag]: 'bytes', base64: Buffer.from(value).toString('base64') };
  }

  /** A place is kept, whatever stood there; but a list that would be cut short is left out, lest it be taken for whole. */
  #packList(value: readonly unknown[], path: string, depth: number): unknown {
    const [room, named] = [this.#room, this.left.length];
    const list: unknown[] = [];
    for (const [index, part] of value.entries()) {
      list.push(this.pack(part, `${path}[${index}]`, depth + 1) ?? null);
      if (!this.#isFull) continue;
      this.#room = room;
      this.left.length = named;
      return this.#leave(path);
    }
    return list;
  }

  #packRecord(value: object, path: string, depth: number): unknown {
    const record: Record<string, unknown> = {};
    for (const [name, part] of Object.entries(value)) {
      const packed = this.pack(part, `${path}.${name}`, depth + 1);
      if (packed !== undefined && this.#takes(name.length + 4, `${path}.${name}`)) set(record, name, packed);
      this.#isFull = false;
    }
    return tag in record ? { [tag]: 'object', entries: Object.entries(record) } : record;
  }

  #fits<T>(size: number, value: T, path: string): T | undefined {
    return this.#takes(size, path) ? value : undefined;
  }

  #takes(size: number, path: string): boolean {
    if (size > this.#room) {
      this.#isFull = true;
      this.#leave(path);
      return false;
    }
    this.#room -= size;
    return true;
  }

  #leave(path: string): undefined {
    this.left.push(path);
  }
}

function isSimple(value: object): boolean {
  if (Array.isArray(value)) return true;
  const prototype: unknown = Object.getPrototypeOf(value);
  // Node-RED's Function nodes make their objects in a context of their own, with another Object.
  return prototype === null || (typeof prototype === 'object' && Object.getPrototypeOf(prototype) === null);
}

function tagged(record: Readonly<Record<string, unknown>>): unknown {
  if (record[tag] === 'date') return new Date(Number(record.ms));
  if (record[tag] === 'bytes') return Buffer.from(String(record.base64), 'base64');
  return unpacked(Object.fromEntries(Array.isArray(record.entries) ? record.entries : []));
}

function unpacked(record: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const value: Record<string, unknown> = {};
  for (const [name, part] of Object.entries(record)) set(value, name, fromPlain(part));
  return value;
}

/** A name such as `__proto__` is a property like any other. */
function set(record: Record<string, unknown>, name: string, value: unknown): void {
  Object.defineProperty(record, name, { value, enumerable: true, configurable: true, writable: true });
}

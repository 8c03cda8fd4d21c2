import { DomainMemory } from './domain-memory.ts';
import { RpcError } from './errors.ts';
import { type KeyNode, KeyTrie } from './key-trie.ts';
import type { DomainHandle } from './layout.ts';
import { Statistics, type StatisticsLayout } from './statistics.ts';
import type { XdrReader } from './xdr-reader.ts';

const TWO_32 = 2 ** 32;

/**
 * Decodes the reply of CONNECT_GET_ALL_DOMAIN_STATS, where one second of a large host is 50,000 and more parameters.
 * It bets that a key follows the one it followed last time, and a domain stands where it stood: both are then
 * recognised by comparing words, without reading a text. A lost bet costs time and nothing else. One decoder serves
 * one connection, for what it has learnt is that hypervisor's.
 */
export class StatisticsDecoder {
  readonly #keys = new KeyTrie();
  readonly #domains = new DomainMemory();
  #values = new Float64Array(1024);
  #length = 0;
  #texts: string[] = [];

  /** @throws RpcError PROTOCOL_VIOLATION */
  readonly decode = (reader: XdrReader): Statistics => {
    this.#length = 0;
    this.#texts = [];
    const domains: DomainHandle[] = [];
    const layouts: StatisticsLayout[] = [];
    const starts: number[] = [];
    const count = reader.count();
    for (let row = 0; row < count; row += 1) {
      domains.push(this.#domains.read(reader, row));
      starts.push(this.#length);
      layouts.push(this.#readParameters(reader));
    }
    return new Statistics(domains, layouts, starts, this.#values.slice(0, this.#length), this.#texts);
  };

  #readParameters(reader: XdrReader): StatisticsLayout {
    const count = reader.count();
    this.#reserve(count);
    const values = this.#values;
    let node: KeyNode = this.#keys.root;
    let length = this.#length;
    for (let i = 0; i < count; i += 1) {
      node = this.#keys.follow(node, reader);
      values[length] = this.#readValue(node.type, reader);
      length += 1;
    }
    this.#length = length;
    return this.#keys.layoutAt(node);
  }

  #readValue(type: number, reader: XdrReader): number {
    const { view } = reader;
    switch (type) {
      case 4: {
        const at = reader.take(8);
        return view.getUint32(at) * TWO_32 + view.getUint32(at + 4);
      }
      case 3:
        return reader.i64();
      case 2:
        return reader.u32();
      case 1:
        return reader.i32();
      case 5:
        return reader.f64();
      case 6:
        return reader.bool() ? 1 : 0;
      case 7:
        return this.#texts.push(reader.string()) - 1;
      default:
        throw new RpcError('PROTOCOL_VIOLATION', `The peer sent a statistic of the unknown type ${type}.`);
    }
  }

  #reserve(count: number): void {
    if (this.#length + count <= this.#values.length) return;
    const larger = new Float64Array(Math.max(this.#length + count, this.#values.length * 2));
    larger.set(this.#values.subarray(0, this.#length));
    this.#values = larger;
  }
}

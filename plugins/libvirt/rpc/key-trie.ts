import { PARAMETER_TYPES } from './decoder.ts';
import { StatisticsLayout } from './statistics.ts';
import type { XdrReader } from './xdr-reader.ts';

/** A key where it stands after certain other keys, and what came after it the last time. */
export interface KeyNode {
  readonly key: string;
  /** The type's number on the wire, from 1. */
  readonly type: number;
  readonly parent: KeyNode | undefined;
  /** Where its words begin in the trie's `words`: length, text, type, just as they travel. */
  readonly first: number;
  readonly wordCount: number;
  readonly children: KeyNode[];
  next: KeyNode | undefined;
  layout: StatisticsLayout | undefined;
}

// Far more keys than any host has at a time: beyond, they are of domains that are gone.
const MAX_NODES = 262_144;

/** The sequences of keys seen so far. Following a path that was followed before compares words and reads no text. */
export class KeyTrie {
  root: KeyNode = emptyNode();
  #words = new Int32Array(4096);
  #wordCount = 0;
  #nodeCount = 0;

  /** Moves past a key and its type, and returns the node they lead to. @throws RpcError PROTOCOL_VIOLATION */
  follow(from: KeyNode, reader: XdrReader): KeyNode {
    const { next } = from;
    if (next !== undefined && this.#matches(next, reader)) {
      reader.offset += next.wordCount * 4;
      return next;
    }
    const node = this.#search(from, reader);
    from.next = node;
    return node;
  }

  /** The layout that ends at this node. */
  layoutAt(node: KeyNode): StatisticsLayout {
    node.layout ??= layoutOf(node);
    if (this.#nodeCount > MAX_NODES) this.#forget();
    return node.layout;
  }

  #matches(node: KeyNode, reader: XdrReader): boolean {
    const { words, offset } = reader;
    const { first, wordCount } = node;
    if (reader.end - offset < wordCount * 4 || (offset & 3) !== 0) return false;
    const known = this.#words;
    const at = offset >> 2;
    // From the end: keys differ there (block.0.rd.bytes, block.0.wr.bytes).
    for (let i = wordCount - 1; i >= 0; i -= 1) {
      if (known[first + i] !== words[at + i]) return false;
    }
    return true;
  }

  #search(from: KeyNode, reader: XdrReader): KeyNode {
    const start = reader.offset;
    const key = reader.string();
    const type = reader.i32();
    const known = from.children.find((child) => child.key === key && child.type === type);
    return known ?? this.#add(from, key, type, reader.bytes.subarray(start, reader.offset));
  }

  #add(parent: KeyNode, key: string, type: number, raw: Buffer): KeyNode {
    const first = this.#wordCount;
    const wordCount = raw.length / 4;
    this.#reserve(wordCount);
    Buffer.from(this.#words.buffer).set(raw, first * 4);
    this.#wordCount += wordCount;
    this.#nodeCount += 1;
    const node = { key, type, parent, first, wordCount, children: [], next: undefined, layout: undefined };
    parent.children.push(node);
    return node;
  }

  #reserve(count: number): void {
    if (this.#wordCount + count <= this.#words.length) return;
    const larger = new Int32Array(Math.max(this.#wordCount + count, this.#words.length * 2));
    larger.set(this.#words);
    this.#words = larger;
  }

  #forget(): void {
    this.root = emptyNode();
    this.#wordCount = 0;
    this.#nodeCount = 0;
  }
}

function emptyNode(): KeyNode {
  return {
    key: '',
    type: 0,
    parent: undefined,
    first: 0,
    wordCount: 0,
    children: [],
    next: undefined,
    layout: undefined,
  };
}

function layoutOf(last: KeyNode): StatisticsLayout {
  const nodes: KeyNode[] = [];
  for (let node = last; node.parent !== undefined; node = node.parent) nodes.push(node);
  nodes.reverse();
  return new StatisticsLayout(
    nodes.map((node) => node.key),
    nodes.map((node) => PARAMETER_TYPES[node.type - 1] ?? 'u64'),
  );
}

import { decodeDomain } from './decoder.ts';
import type { DomainHandle } from './layout.ts';
import type { XdrReader } from './xdr-reader.ts';

interface Remembered {
  readonly handle: DomainHandle;
  /** The handle as it travels. */
  readonly words: Int32Array;
}

/**
 * Gives the same object for the same domain, reply after reply. libvirt lists domains in the same order while none
 * comes or goes, so most are recognised in their place by comparing words.
 */
export class DomainMemory {
  readonly #places: Remembered[] = [];
  #handles = new Map<string, DomainHandle>();

  /** Reads the handle in row `row`. @throws RpcError PROTOCOL_VIOLATION */
  read(reader: XdrReader, row: number): DomainHandle {
    const remembered = this.#places[row];
    if (remembered && matches(remembered.words, reader)) {
      reader.offset += remembered.words.length * 4;
      return remembered.handle;
    }
    return this.#learn(reader, row);
  }

  #learn(reader: XdrReader, row: number): DomainHandle {
    const start = reader.offset;
    const handle = this.#same(decodeDomain(reader));
    const words = new Int32Array((reader.offset - start) / 4);
    Buffer.from(words.buffer).set(reader.bytes.subarray(start, reader.offset));
    this.#places[row] = { handle, words };
    return handle;
  }

  #same(handle: DomainHandle): DomainHandle {
    const known = this.#handles.get(handle.uuid);
    if (known && known.name === handle.name && known.id === handle.id) return known;
    // Domains that are gone stay in the map; it starts over when they are most of it.
    if (this.#handles.size > 2 * this.#places.length + 64) this.#handles = new Map();
    this.#handles.set(handle.uuid, handle);
    return handle;
  }
}

function matches(known: Int32Array, reader: XdrReader): boolean {
  const { words, offset } = reader;
  if (reader.end - offset < known.length * 4 || (offset & 3) !== 0) return false;
  const at = offset >> 2;
  for (let i = 0; i < known.length; i += 1) {
    if (known[i] !== words[at + i]) return false;
  }
  return true;
}

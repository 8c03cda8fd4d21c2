/** Where the master key is kept. */
export interface KeySource {
  /** For people: the file /etc/virtflow/key. */
  readonly name: string;
  /** The key; after a rotation that died half-way another beside it. None when there is none yet. */
  keys(): readonly Buffer[];
  /** Where virtflow may put a key: a new one is kept beside the old one, and takes its place when it is in use. */
  readonly place?: KeyPlace;
}

export interface KeyPlace {
  /** Whether a first key may be made there; elsewhere people are asked for one. */
  readonly takesFirst: boolean;
  keepNext(key: Buffer): void;
  settle(key: Buffer): void;
}

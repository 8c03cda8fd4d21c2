/** A well-mixed 32-bit number, the same for the same arguments on every machine (MurmurHash3's mixing). */
export function hash(seed: number, a: number, b = 0): number {
  let h = mix(seed ^ 0x9e3779b9, a);
  h = mix(h, b);
  h ^= h >>> 16;
  h = Math.imul(h, 0x85ebca6b);
  h ^= h >>> 13;
  h = Math.imul(h, 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}

function mix(h: number, value: number): number {
  let k = Math.imul(value | 0, 0xcc9e2d51);
  k = (k << 15) | (k >>> 17);
  h ^= Math.imul(k, 0x1b873593);
  h = (h << 13) | (h >>> 19);
  return (Math.imul(h, 5) + 0xe6546b64) | 0;
}

/** From 0 up to, but not including, 1. */
export function unit(seed: number, a: number, b = 0): number {
  return hash(seed, a, b) / 2 ** 32;
}

/** A number for a text (FNV-1a). */
export function hashText(text: string): number {
  let h = 0x811c9dc5;
  for (let index = 0; index < text.length; index += 1) h = Math.imul(h ^ text.charCodeAt(index), 0x01000193);
  return h >>> 0;
}

/** A UUID (version 8, RFC 9562: made in a way of our own) that follows from the seed. */
export function uuidFrom(seed: number, a: number, b = 0): string {
  const hex = [1, 2, 3, 4].map((part) => hash(hash(seed, part), a, b).toString(16).padStart(8, '0')).join('');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20)}`;
}

/** In QEMU's range of locally made addresses. */
export function macFrom(seed: number, a: number, b = 0): string {
  const hex = hash(seed, a, b).toString(16).padStart(8, '0');
  return `52:54:00:${hex.slice(0, 2)}:${hex.slice(2, 4)}:${hex.slice(4, 6)}`;
}

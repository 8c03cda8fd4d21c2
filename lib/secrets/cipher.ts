import { createCipheriv, createDecipheriv, createSecretKey, hkdfSync, type KeyObject, randomBytes } from 'node:crypto';

/** What was encrypted with AES-256-GCM (NIST SP 800-38D): a random nonce of 96 bits, a tag of 128 bits at the end. */
export interface Sealed {
  /** Which key, counted from 1; each rotation adds one. */
  readonly key: number;
  /** Base64, as is the text. */
  readonly nonce: string;
  readonly text: string;
}

export const keyBytes = 32;
const nonceBytes = 12;
const tagBytes = 16;
const algorithm = 'aes-256-gcm';

/** A master key, and what is derived from it; the key itself encrypts nothing. */
export class MasterKey {
  /** Tells keys apart and nothing about them. */
  readonly fingerprint: string;
  readonly #encryption: KeyObject;

  constructor(bytes: Buffer) {
    this.fingerprint = derived(bytes, 'virtflow fingerprint').subarray(0, 16).toString('hex');
    this.#encryption = createSecretKey(derived(bytes, 'virtflow encryption'));
  }

  /** `place` says what the text is and whose: moved to another place it does not open. */
  seal(text: string, version: number, place: string): Sealed {
    const nonce = randomBytes(nonceBytes);
    const cipher = createCipheriv(algorithm, this.#encryption, nonce).setAAD(bound(place, version));
    const sealed = Buffer.concat([cipher.update(text, 'utf8'), cipher.final(), cipher.getAuthTag()]);
    return { key: version, nonce: nonce.toString('base64'), text: sealed.toString('base64') };
  }

  /** @throws when it is not what was sealed there with this key */
  unseal({ key, nonce, text }: Sealed, place: string): string {
    const sealed = Buffer.from(text, 'base64');
    const options = { authTagLength: tagBytes };
    const decipher = createDecipheriv(algorithm, this.#encryption, Buffer.from(nonce, 'base64'), options);
    decipher.setAAD(bound(place, key)).setAuthTag(sealed.subarray(-tagBytes));
    return Buffer.concat([decipher.update(sealed.subarray(0, -tagBytes)), decipher.final()]).toString('utf8');
  }
}

/** HKDF with SHA-256 (RFC 5869). */
function derived(bytes: Buffer, purpose: string): Buffer {
  return Buffer.from(hkdfSync('sha256', bytes, '', purpose, keyBytes));
}

function bound(place: string, version: number): Buffer {
  return Buffer.from(`virtflow\n${version}\n${place}`);
}

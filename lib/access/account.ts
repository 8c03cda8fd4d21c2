import type { Scope } from './scope.ts';

/** Somebody who may ask for something, as the store keeps it. */
export interface Account {
  readonly name: string;
  /** A service is something of virtflow itself that asks: the flows, MQTT. Nobody logs in as one. */
  readonly kind: 'user' | 'service';
  /** Of a service that flows run as: the user whom it belongs to, and whose rights it never exceeds. */
  readonly owner?: string;
  readonly grants: readonly AccountGrant[];
  /** A hash; a service has none. */
  readonly password: string | null;
  /** Milliseconds since the epoch. */
  readonly createdAt: number;
}

/** A role by its name, for an own role can change. */
export interface AccountGrant {
  readonly effect: 'allow' | 'deny';
  readonly role: string;
  readonly scope: Scope;
}

/** A session or an API token, as the store keeps it: not the token itself, a hash of its secret part. */
export interface TokenRecord {
  /** The public part, by which it is listed and revoked. */
  readonly id: string;
  readonly kind: 'session' | 'api';
  readonly owner: string;
  readonly label: string;
  /** SHA-256 of the secret part, hexadecimal. */
  readonly digest: string;
  /** Patterns of permissions; it is for no others. */
  readonly permissions: readonly string[];
  readonly scope: Scope;
  /** Milliseconds since the epoch. */
  readonly createdAt: number;
  readonly expiresAt: number | null;
  readonly usedAt: number | null;
}

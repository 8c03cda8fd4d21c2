import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { VirtflowError } from '../../model/errors.ts';
import { readPrivateJson, writePrivateFile } from '../../store/private-file.ts';

/** How to get at the broker inside. It stands in a file that only its owner can read. */
export interface BrokerAccount {
  readonly port: number;
  readonly username: string;
  readonly password: string;
}

export function accountFile(dataDirectory: string): string {
  return join(dataDirectory, 'mqtt.json');
}

export function newAccount(port: number): BrokerAccount {
  return { port, username: 'virtflow', password: randomBytes(18).toString('base64url') };
}

export function saveAccount(dataDirectory: string, account: BrokerAccount): void {
  writePrivateFile(accountFile(dataDirectory), `${JSON.stringify(account, null, 2)}\n`);
}

/** The account that the first start made; undefined before it. @throws STORE_BROKEN */
export function readAccount(dataDirectory: string): BrokerAccount | undefined {
  const path = accountFile(dataDirectory);
  const value = readPrivateJson(path);
  if (value === undefined) return undefined;
  if (isAccount(value)) return value;
  throw new VirtflowError('STORE_BROKEN', { path, reason: 'it holds no port, username and password' });
}

function isAccount(value: unknown): value is BrokerAccount {
  if (typeof value !== 'object' || value === null) return false;
  if (!('port' in value && 'username' in value && 'password' in value)) return false;
  const { port, username, password } = value;
  if (typeof port !== 'number' || !Number.isInteger(port) || port < 1 || port > 65_535) return false;
  return typeof username === 'string' && username !== '' && typeof password === 'string' && password !== '';
}

import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { VirtflowError } from '../lib/model/errors.ts';
import { readPrivateJson, writePrivateFile } from '../lib/store/private-file.ts';
import { hashPassword, newPassword, passwordMatches } from './password.ts';

/** Who may log in to the editor, in the form that Node-RED asks for. */
export interface EditorUser {
  readonly username: string;
  readonly permissions: string;
}

const username = 'admin';
const administrator: EditorUser = { username, permissions: '*' };

/** The one account of the editor. Its password is known to its owner alone; what is kept is a hash. */
export class Administrator {
  readonly #file: string;

  constructor(dataDirectory: string) {
    this.#file = join(dataDirectory, 'administrator.json');
  }

  get exists(): boolean {
    return existsSync(this.#file);
  }

  /** Makes the account, or gives it a new password; answers the password, which is kept nowhere. */
  async reset(): Promise<string> {
    const password = newPassword();
    const hash = await hashPassword(password);
    writePrivateFile(this.#file, `${JSON.stringify({ username, password: hash }, null, 2)}\n`);
    return password;
  }

  find(name: string): EditorUser | null {
    return name === username ? administrator : null;
  }

  /** The file is read each time, so that a new password counts from the next login on. */
  async authenticate(name: string, password: string): Promise<EditorUser | null> {
    const hash = this.#hash();
    const matches = await passwordMatches(password, hash);
    return matches && name === username ? administrator : null;
  }

  #hash(): string {
    const value = readPrivateJson(this.#file);
    if (typeof value === 'object' && value !== null && 'password' in value && typeof value.password === 'string') {
      return value.password;
    }
    const reason = 'it holds no password; "virtflow password" makes a new one';
    throw new VirtflowError('STORE_BROKEN', { path: this.#file, reason });
  }
}

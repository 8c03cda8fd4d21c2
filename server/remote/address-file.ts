import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Where the virtflow that runs on a data directory is found by the command line. */
function fileOf(dataDirectory: string): string {
  return join(dataDirectory, 'address.json');
}

export function noteAddress(dataDirectory: string, url: string): void {
  writeFileSync(fileOf(dataDirectory), `${JSON.stringify({ url })}\n`, { mode: 0o600 });
}

export function forgetAddress(dataDirectory: string): void {
  rmSync(fileOf(dataDirectory), { force: true });
}

/** The address that was noted last: its virtflow may have been killed since. */
export function notedAddress(dataDirectory: string): string | undefined {
  const file = fileOf(dataDirectory);
  if (!existsSync(file)) return undefined;
  const noted: unknown = JSON.parse(readFileSync(file, 'utf8'));
  if (typeof noted !== 'object' || noted === null || !('url' in noted)) return undefined;
  return typeof noted.url === 'string' ? noted.url : undefined;
}

import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { firstAdministrator } from '../../lib/access/accounts.ts';
import type { Connect, Place } from '../../lib/api/cli/cli.ts';
import type { Server } from '../../lib/api/cli/rest-client.ts';
import { VirtflowError } from '../../lib/model/errors.ts';
import { whoTypes, withAccess } from '../access/with-access.ts';
import { defaultDataDirectory } from '../options.ts';
import { notedAddress } from './address-file.ts';

/**
 * Finds the virtflow that the command line means. Elsewhere it takes an API token; on this machine, who may read the data
 * directory is lent a session for as long as the command lasts, and that is in the audit record.
 */
export const connect: Connect = async (place, task) => {
  const url = place.url ?? process.env.VIRTFLOW_URL;
  const given = tokenOf(place);
  if (url !== undefined) return task({ url: addressOf(url), token: given ?? missing() });
  const dataDirectory = place.dataDirectory === undefined ? defaultDataDirectory() : resolve(place.dataDirectory);
  const noted = notedAddress(dataDirectory);
  if (noted === undefined) throw new VirtflowError('NOT_RUNNING', { directory: dataDirectory });
  if (given !== undefined) return task({ url: noted, token: given });
  return withLentSession(dataDirectory, noted, place.user ?? firstAdministrator, task);
};

async function withLentSession(
  dataDirectory: string,
  url: string,
  owner: string,
  task: (server: Server) => Promise<number>,
): Promise<number> {
  const token = await withAccess(dataDirectory, (access) => access.tokens.lendSession(whoTypes(), owner));
  try {
    return await task({ url, token });
  } finally {
    await withAccess(dataDirectory, (access) => access.tokens.closeSession(token));
  }
}

/** Never an argument: everybody on a machine sees those. */
function tokenOf({ tokenFile }: Place): string | undefined {
  if (tokenFile === undefined) return process.env.VIRTFLOW_TOKEN;
  try {
    return readFileSync(tokenFile, 'utf8').trim();
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new VirtflowError('OPTION_INVALID', { option: '--token-file', reason }, { cause: error });
  }
}

function addressOf(text: string): string {
  const url = URL.parse(text);
  if (url && /^https?:$/.test(url.protocol)) return url.href.endsWith('/') ? url.href : `${url.href}/`;
  throw new VirtflowError('OPTION_INVALID', { option: '--url', reason: `"${text}" is not an http or https address` });
}

function missing(): never {
  throw new VirtflowError('CREDENTIALS_MISSING');
}

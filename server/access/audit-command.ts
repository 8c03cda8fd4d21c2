import { existsSync, readFileSync } from 'node:fs';
import { AuditAnchor } from '../../lib/access/audit/anchor.ts';
import { AuditLog } from '../../lib/access/audit/audit-log.ts';
import { type AuditHead, type AuditVerdict, verifyAudit } from '../../lib/access/audit/chain.ts';
import { lineOf, rowsOf } from '../../lib/access/audit/export.ts';
import { VirtflowError } from '../../lib/model/errors.ts';
import { storeFileOf } from '../../lib/platform.ts';
import { openSqliteStore } from '../../lib/store/sqlite/sqlite-store.ts';
import { type AccessWords, invalid, type Subcommand, subcommand, wordsAs } from './words.ts';

type Command = (dataDirectory: string, words: readonly string[], options: AccessWords) => void;

const commands: Readonly<Record<string, Subcommand<Command>>> = {
  verify: { run: verify, takes: ['anchor'] },
  export: { run: exportAll, takes: [] },
};

/** `virtflow audit verify|export`; reads only, and works beside a running virtflow too. */
export function auditCommand(dataDirectory: string, options: AccessWords): void {
  const { run, words } = subcommand(commands, options);
  run(dataDirectory, words, options);
}

/** @throws AUDIT_BROKEN */
function verify(dataDirectory: string, words: readonly string[], { anchor }: AccessWords): void {
  const anchors = anchor === undefined ? [] : [parseAnchor(anchor)];
  const { intact, broken } = words.length > 0 ? verifyFile(words, anchors) : verifyStore(dataDirectory, anchors);
  if (broken) throw new VirtflowError('AUDIT_BROKEN', { ...broken });
  console.log(`The audit record holds: ${intact.sequence} entries.`);
  console.log(
    `Keep this elsewhere, and a later check can be held against it: --anchor ${intact.sequence}:${intact.hash}`,
  );
}

function verifyFile(words: readonly string[], anchors: readonly AuditHead[]): AuditVerdict {
  const [file = ''] = wordsAs(words, 'file');
  return verifyAudit(rowsOf(linesOf(file)), anchors);
}

function linesOf(file: string): readonly string[] {
  try {
    return readFileSync(file, 'utf8').split('\n').slice(0, -1);
  } catch (error) {
    throw invalid(file, error instanceof Error ? error.message : String(error));
  }
}

function verifyStore(dataDirectory: string, anchors: readonly AuditHead[]): AuditVerdict {
  return onAudit(dataDirectory, (audit) => {
    const noted = new AuditAnchor(dataDirectory, audit).read();
    return audit.verify(noted ? [noted, ...anchors] : anchors);
  });
}

function exportAll(dataDirectory: string, words: readonly string[]): void {
  wordsAs(words);
  onAudit(dataDirectory, (audit) => {
    for (const row of audit.rows()) process.stdout.write(`${lineOf(row)}\n`);
  });
}

function onAudit<T>(dataDirectory: string, work: (audit: AuditLog) => T): T {
  const path = storeFileOf(dataDirectory);
  if (!existsSync(path)) throw new VirtflowError('STORE_BROKEN', { path, reason: 'it is not there' });
  const store = openSqliteStore(path);
  try {
    return work(new AuditLog(store));
  } finally {
    store.close();
  }
}

function parseAnchor(text: string): AuditHead {
  const [, sequence, hash] = /^(\d{1,15}):([0-9a-f]{64})$/.exec(text) ?? [];
  if (sequence !== undefined && hash !== undefined) return { sequence: Number(sequence), hash };
  throw invalid('--anchor', 'it is written <number>:<hash>, as "virtflow audit verify" prints it');
}

import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Comparison } from '../audit/compare.ts';
import { compareWithLedger } from '../audit/compare.ts';
import { findingText } from '../audit/findings.ts';
import type { RebuiltAudit } from '../audit/rebuild.ts';
import { rebuildAudit } from '../audit/rebuild.ts';
import { AUDIT_FILE, JOURNAL_FILE } from '../journal/files.ts';
import { acquireInstanceLock } from '../journal/instance-lock.ts';
import type { CommandIo, ExitCode } from './command-io.ts';
import { EXIT } from './command-io.ts';

/** `bulwark audit rebuild [--data-dir DIR] [--json]` */
export interface AuditRebuildOptions {
  readonly dataDir: string;
  readonly json?: boolean | undefined;
}
/** `bulwark audit verify --ledger FILE [--data-dir DIR] [--account ID] [--json]` */
export interface AuditVerifyOptions {
  readonly dataDir: string;
  readonly ledger: string;
  readonly account?: string | undefined;
  readonly json?: boolean | undefined;
}

const messageOf = (error: unknown): string =>
  error instanceof Error ? error.message : String(error);

const rebuiltText = ({ entries, rows }: RebuiltAudit): string => {
  const counts = Object.entries(rows).map(([table, count]) => `${count} ${table}`);
  return `The audit database was rebuilt from ${entries} journal entries: ${counts.join(', ')}.\n`;
};

/** Rebuilds audit.db from journal.db while no runtime uses the directory. */
export const runAuditRebuild = (options: AuditRebuildOptions, io: CommandIo): ExitCode => {
  const { dataDir } = options;
  // The lock would make the directory; a mistyped one must not come into being.
  if (!existsSync(join(dataDir, JOURNAL_FILE))) {
    io.err.write(`${dataDir}: There is no journal here. Check --data-dir.\n`);
    return EXIT.usage;
  }
  try {
    const lock = acquireInstanceLock(dataDir);
    try {
      const rebuilt = rebuildAudit({
        journalFile: join(dataDir, JOURNAL_FILE),
        auditFile: join(dataDir, AUDIT_FILE),
      });
      const text = options.json === true ? `${JSON.stringify(rebuilt)}\n` : rebuiltText(rebuilt);
      io.out.write(text);
      return EXIT.ok;
    } finally {
      lock.release();
    }
  } catch (error) {
    io.err.write(`${messageOf(error)}\n`);
    return EXIT.usage;
  }
};

const verdictText = ({ accountId, checked, balance, findings }: Comparison): string => {
  const { orders, deals, trades } = checked;
  const subject = `${accountId}: ${orders} orders, ${deals} deals, ${trades} trades`;
  if (findings.length === 0) {
    return `${subject}: the audit agrees with the ledger, balance ${balance}.\n`;
  }
  const lines = findings.map((finding) => `  ${findingText(finding)}\n`);
  return `${subject}: ${findings.length} disagreements with the ledger:\n${lines.join('')}`;
};

/** Compares audit.db with the simulated terminal's ledger. Exit 1 when they disagree. */
export const runAuditVerify = async (
  options: AuditVerifyOptions,
  io: CommandIo,
): Promise<ExitCode> => {
  try {
    const comparison = await compareWithLedger({
      auditFile: join(options.dataDir, AUDIT_FILE),
      ledgerFile: options.ledger,
      accountId: options.account,
    });
    const text =
      options.json === true ? `${JSON.stringify(comparison)}\n` : verdictText(comparison);
    io.out.write(text);
    return comparison.findings.length === 0 ? EXIT.ok : EXIT.failed;
  } catch (error) {
    io.err.write(`${messageOf(error)}\n`);
    return EXIT.usage;
  }
};

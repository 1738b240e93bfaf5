import { readFile } from 'node:fs/promises';
import type { Config } from '../../config/config-schema.ts';
import { type ExclusionLists, openExclusionLists, WrongLists } from '../../config/exclusion-lists.ts';
import { loadConfig } from '../../config/load-config.ts';
import { formatProblems } from '../../config/problem.ts';
import {
  type ResolvedConfig,
  type ResolvedLedger,
  type ResolvedSecrets,
  resolveLedgerSecret,
  resolveSecrets,
} from '../../config/resolve-secrets.ts';
import { CommandError, EXIT } from './exit-codes.ts';

/** The checked configuration; what is wrong with it ends the command. Warnings are said. */
export async function readConfig(path: string, say: (sentence: string) => void): Promise<Config> {
  const parsed = await loadConfig(path);
  if (!parsed.ok) throw new CommandError(formatProblems(parsed.problems, path), EXIT.usage);
  for (const warning of parsed.warnings) say(`Warning: ${warning}`);
  return parsed.config;
}

type Env = Readonly<Record<string, string | undefined>>;

/** Puts the secrets in; one that is missing ends the command. */
export async function withSecrets(config: Config, env: Env): Promise<ResolvedConfig> {
  return found(await resolveSecrets(config, env, readText));
}

/** Reads the exclusion lists, with their files; what is wrong with them ends the command. What is well to know is said. */
export async function withLists(
  { pipelines }: { readonly pipelines: Parameters<typeof openExclusionLists>[0] },
  say: (sentence: string) => void,
): Promise<ExclusionLists> {
  try {
    const lists = await openExclusionLists(pipelines);
    for (const note of lists.notes) say(`Warning: ${note}`);
    return lists;
  } catch (error) {
    throw error instanceof WrongLists ? new CommandError(error.message, EXIT.usage, { cause: error }) : error;
  }
}

/** The ledger's part alone, with its secret; one that is missing ends the command. */
export async function ledgerWithSecret(config: Config, env: Env): Promise<ResolvedLedger> {
  return found(await resolveLedgerSecret(config, env, readText));
}

function readText(path: string): Promise<string> {
  return readFile(path, 'utf8');
}

function found<T>(resolved: ResolvedSecrets<T>): T {
  if (!resolved.ok) throw new CommandError(resolved.problems.join('\n'), EXIT.usage);
  return resolved.config;
}

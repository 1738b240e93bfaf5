import { readFile } from 'node:fs/promises';
import type { Config } from '../../config/config-schema.ts';
import { loadConfig } from '../../config/load-config.ts';
import { formatProblems } from '../../config/problem.ts';
import { type ResolvedConfig, resolveSecrets } from '../../config/resolve-secrets.ts';
import { CommandError, EXIT } from './exit-codes.ts';

/** The checked configuration; what is wrong with it ends the command. Warnings are said. */
export async function readConfig(path: string, say: (sentence: string) => void): Promise<Config> {
  const parsed = await loadConfig(path);
  if (!parsed.ok) throw new CommandError(formatProblems(parsed.problems, path), EXIT.usage);
  for (const warning of parsed.warnings) say(`Warning: ${warning}`);
  return parsed.config;
}

/** Puts the secrets in; one that is missing ends the command. */
export async function withSecrets(
  config: Config,
  env: Readonly<Record<string, string | undefined>>,
): Promise<ResolvedConfig> {
  const resolved = await resolveSecrets(config, env, (path) => readFile(path, 'utf8'));
  if (!resolved.ok) throw new CommandError(resolved.problems.join('\n'), EXIT.usage);
  return resolved.config;
}

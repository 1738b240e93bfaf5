import { Command } from 'commander';
import { configJsonSchema } from '../../config/config-json-schema.ts';
import type { Config } from '../../config/config-schema.ts';
import { loadConfig } from '../../config/load-config.ts';
import type { ResolvedLedger } from '../../config/resolve-secrets.ts';
import type { ChosenDestination } from '../../destinations/kind.ts';
import { Fault } from '../../indicators/fault.ts';
import { serverAddress } from '../../ledger/server-address.ts';
import { connectTemporal } from '../connect.ts';
import { type Orphan, orphansOn } from '../orphans.ts';
import { temporalSettings } from '../temporal-settings.ts';
import { configOption } from './config-option.ts';
import { CommandError, EXIT } from './exit-codes.ts';
import { createOutput } from './output.ts';
import { readConfig, withLists, withSecrets } from './read-config.ts';

export function configCommand(): Command {
  return new Command('config')
    .description('check the configuration file, or print its schema')
    .addCommand(checkCommand())
    .addCommand(
      new Command('schema').description('print the JSON Schema of the file, for editors').action(() => {
        process.stdout.write(`${JSON.stringify(configJsonSchema(), null, 2)}\n`);
      }),
    );
}

function checkCommand(): Command {
  return new Command('check')
    .description(
      'is the file right, and are the secrets, certificates and lists that it refers to there? Asks Temporal, if it is there, for schedules of pipelines that are gone',
    )
    .addOption(configOption())
    .option('--json', 'print one JSON object')
    .action(async (options: { config: string; json?: true }) => {
      const output = createOutput(options.json === true);
      if (output.json) {
        const parsed = await loadConfig(options.config);
        if (!parsed.ok) {
          output.result({ ok: false, problems: parsed.problems });
          throw new CommandError(`${options.config} has ${parsed.problems.length} mistakes.`, EXIT.usage);
        }
      }
      const config = await readConfig(options.config, output.say);
      try {
        const { ledger } = await withSecrets(config, process.env);
        await checkLedgerAddress(ledger);
        temporalSettings();
        await withLists(config, output.say);
      } catch (error) {
        if (error instanceof Error)
          output.result({ ok: false, problems: error.message.split('\n').map((message) => ({ message })) });
        throw error;
      }
      const pipelines = [...Object.keys(config.pipelines), ...Object.keys(config.enrichments)];
      output.print(
        `${options.config} is right, and its secrets and lists are there. Pipelines: ${pipelines.join(', ')}.`,
      );
      const delivering = Object.entries(config.pipelines).map(([pipeline, { destination }]) => ({
        pipeline,
        type: destination.type,
        stability: destination.stability,
        hosts: destination.hosts,
        permissions: destination.permissions,
      }));
      const enriching = Object.entries(config.enrichments).map(([pipeline, { destination }]) => ({
        pipeline,
        type: destination.type,
        stability: destination.stability,
        hosts: destination.hosts,
        permissions: destination.enrichment?.permissions ?? [],
      }));
      const destinations = [...delivering, ...enriching];
      for (const destination of delivering) output.print(destinationLine(destination, 'delivers to'));
      for (const destination of enriching) output.print(destinationLine(destination, 'enriches'));
      const orphans = await orphansOf(config, pipelines);
      if (orphans === null)
        output.say('Temporal was not reached: nobody has looked for schedules of pipelines that are gone.');
      for (const { sentence } of orphans ?? []) output.print(sentence);
      output.result({ ok: true, pipelines, destinations, ...(orphans === null ? {} : { orphans }) });
    });
}

/** What has to be open and granted for it, by which an administrator can see to that. */
function destinationLine(
  {
    pipeline,
    type,
    stability,
    hosts,
    permissions,
  }: Pick<ChosenDestination, 'type' | 'stability' | 'hosts' | 'permissions'> & { readonly pipeline: string },
  does: 'delivers to' | 'enriches',
): string {
  const beta = stability === 'beta' ? ' (beta)' : '';
  const reach = hosts.length === 0 ? '' : ` It has to reach ${hosts.join(' and ')}.`;
  return `${pipeline} ${does} ${type}${beta}.${reach} It needs: ${permissions.join('; ')}.`;
}

/** The file is right without it: nobody waits for long. */
const PATIENCE_MS = 2_000;

/** Null when Temporal cannot be asked, for whatever reason: the commands that need it say which. */
async function orphansOf(
  { temporal: { taskQueue } }: Config,
  configured: readonly string[],
): Promise<readonly Orphan[] | null> {
  const temporal = await connectTemporal({ withinMs: PATIENCE_MS }).catch(() => null);
  if (temporal === null) return null;
  try {
    return await orphansOn(temporal, taskQueue, configured);
  } catch {
    return null;
  } finally {
    await temporal.close();
  }
}

/** The address of a PostgreSQL and the files that it names. */
async function checkLedgerAddress(ledger: ResolvedLedger): Promise<void> {
  if (!('url' in ledger)) return;
  try {
    await serverAddress(ledger.url.reveal(), ledger.caFile);
  } catch (error) {
    if (error instanceof Fault) throw new CommandError(error.message, EXIT.usage);
    throw error;
  }
}

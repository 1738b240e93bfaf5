import { Command } from 'commander';
import { configJsonSchema } from '../../config/config-json-schema.ts';
import type { Config } from '../../config/config-schema.ts';
import { loadConfig } from '../../config/load-config.ts';
import { connectTemporal } from '../connect.ts';
import { type Orphan, orphansOn } from '../orphans.ts';
import { configOption } from './config-option.ts';
import { CommandError, EXIT } from './exit-codes.ts';
import { createOutput } from './output.ts';
import { readConfig, withSecrets } from './read-config.ts';

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
      'is the file right, and are the secrets that it refers to there? Asks Temporal, if it is there, for schedules of pipelines that are gone',
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
      await withSecrets(config, process.env);
      const pipelines = Object.keys(config.pipelines);
      output.print(`${options.config} is right, and its secrets are there. Pipelines: ${pipelines.join(', ')}.`);
      const orphans = await orphansOf(config);
      if (orphans === null)
        output.say('Temporal was not reached: nobody has looked for schedules of pipelines that are gone.');
      for (const { sentence } of orphans ?? []) output.print(sentence);
      output.result({ ok: true, pipelines, ...(orphans === null ? {} : { orphans }) });
    });
}

/** The file is right without it: nobody waits for long. */
const PATIENCE_MS = 2_000;

/** Null when Temporal cannot be asked, for whatever reason: the commands that need it say which. */
async function orphansOf({ temporal: { taskQueue }, pipelines }: Config): Promise<readonly Orphan[] | null> {
  const temporal = await connectTemporal({ withinMs: PATIENCE_MS }).catch(() => null);
  if (temporal === null) return null;
  try {
    return await orphansOn(temporal, taskQueue, Object.keys(pipelines));
  } catch {
    return null;
  } finally {
    await temporal.close();
  }
}

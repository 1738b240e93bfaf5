import { Command } from 'commander';
import { configJsonSchema } from '../../config/config-json-schema.ts';
import { loadConfig } from '../../config/load-config.ts';
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
    .description('is the file right, and are the secrets and lists that it refers to there? Nothing is contacted')
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
      await withLists(config, output.say);
      const pipelines = Object.keys(config.pipelines);
      output.print(
        `${options.config} is right, and its secrets and lists are there. Pipelines: ${pipelines.join(', ')}.`,
      );
      output.result({ ok: true, pipelines });
    });
}

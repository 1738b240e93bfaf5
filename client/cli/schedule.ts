import Table from 'cli-table3';
import { Command } from 'commander';
import type { Config } from '../../config/config-schema.ts';
import type { Temporal } from '../connect.ts';
import { orphansOn } from '../orphans.ts';
import {
  applySchedule,
  deleteSchedule,
  describeSchedule,
  listSchedules,
  type PipelineKind,
  pauseSchedule,
  type ScheduleSettings,
  type ScheduleView,
  triggerSchedule,
  unpauseSchedule,
} from '../schedules.ts';
import { configOption } from './config-option.ts';
import { CommandError, EXIT } from './exit-codes.ts';
import { createOutput, type Output } from './output.ts';
import { pipelineOption } from './pipeline-option.ts';
import { readConfig } from './read-config.ts';
import { withSchedule } from './with-schedule.ts';
import { withTemporal } from './with-temporal.ts';

export function scheduleCommand(): Command {
  return new Command('schedule')
    .description('when pipelines run: create, look at and steer their schedules')
    .addCommand(applyCommand())
    .addCommand(listCommand())
    .addCommand(
      onPipeline('describe', 'one schedule: next and recent runs', async (temporal, pipeline, output) => {
        const view = await describeSchedule(temporal, pipeline);
        output.print(table([view]));
        output.print(`recent: ${view.recent.map(({ workflowId }) => workflowId).join(', ') || 'none'}`);
        output.result(view);
      }),
    )
    .addCommand(
      onPipeline('trigger', 'start a run now and leave it to run', async (temporal, pipeline, output) => {
        const { workflowId, started } = await triggerSchedule(temporal, pipeline);
        output.print(
          started ? `Started ${workflowId}.` : `A run is going already: ${workflowId}. No second one was started.`,
        );
        output.result({ pipeline, workflowId, started });
      }),
    )
    .addCommand(
      onPipeline('pause', 'start no more runs; one that is going goes on', async (temporal, pipeline, output) => {
        await pauseSchedule(temporal, pipeline, 'paused from the command line');
        output.print(`The schedule of ${pipeline} is paused.`);
        output.result({ pipeline, paused: true });
      }),
    )
    .addCommand(
      onPipeline(
        'unpause',
        'go on after a pause; the next run reads what was missed',
        async (temporal, pipeline, output) => {
          await unpauseSchedule(temporal, pipeline, 'unpaused from the command line');
          output.print(`The schedule of ${pipeline} goes on.`);
          output.result({ pipeline, paused: false });
        },
      ),
    )
    .addCommand(
      onPipeline(
        'delete',
        'remove the schedule; ledger and destination keep what they have',
        async (temporal, pipeline, output) => {
          await deleteSchedule(temporal, pipeline);
          output.print(`The schedule of ${pipeline} is deleted.`);
          output.result({ pipeline, deleted: true });
        },
      ),
    );
}

function applyCommand(): Command {
  return new Command('apply')
    .description('create the schedules of the configured pipelines, or bring them to the configuration')
    .addOption(configOption())
    .addOption(pipelineOption('only this pipeline'))
    .option('--json', 'print one JSON object')
    .action(async (options: { config: string; pipeline?: string; json?: true }) => {
      const output = createOutput(options.json === true);
      const config = await readConfig(options.config, output.say);
      const all = kindsOf(config);
      const wanted = all.filter(({ name }) => options.pipeline === undefined || name === options.pipeline);
      if (wanted.length === 0) {
        throw new CommandError(
          `${options.config} has no pipeline ${options.pipeline ?? ''}; it has ${all.map(({ name }) => name).join(', ')}.`,
          EXIT.usage,
        );
      }
      await withTemporal(async (temporal) => {
        const applied: Record<string, 'created' | 'updated'> = {};
        for (const { name, schedule, kind } of wanted) {
          applied[name] = await apply(temporal, name, schedule, config.temporal.taskQueue, kind);
          output.print(`The schedule of ${name} is ${applied[name]}.`);
        }
        const orphans = await orphansOn(
          temporal,
          config.temporal.taskQueue,
          all.map(({ name }) => name),
        );
        for (const { sentence } of orphans) output.print(sentence);
        output.result({ applied, orphans });
      });
    });
}

/** All pipelines of a configuration, with what their runs do. */
function kindsOf({ pipelines, enrichments }: Config): readonly {
  readonly name: string;
  readonly schedule: ScheduleSettings;
  readonly kind: PipelineKind;
}[] {
  return [
    ...Object.entries(pipelines).map(([name, { schedule }]) => ({ name, schedule, kind: 'sync' as const })),
    ...Object.entries(enrichments).map(([name, { schedule }]) => ({ name, schedule, kind: 'enrich' as const })),
  ];
}

async function apply(...args: Parameters<typeof applySchedule>): ReturnType<typeof applySchedule> {
  try {
    return await applySchedule(...args);
  } catch (error) {
    const { cause } = error instanceof Error ? error : {};
    const why = cause instanceof Error ? cause.message : String(error);
    const advice = /search attribute/i.test(why)
      ? " Run 'mdti-sync setup' first: it registers the search attributes."
      : '';
    throw new CommandError(`The schedule of ${args[1]} could not be applied: ${why}.${advice}`, EXIT.failed, {
      cause: error,
    });
  }
}

function listCommand(): Command {
  return new Command('list')
    .description('all schedules of this namespace')
    .option('--json', 'print one JSON object')
    .action(async (options: { json?: true }) => {
      const output = createOutput(options.json === true);
      await withTemporal(async (temporal) => {
        const names = await listSchedules(temporal);
        const schedules = await Promise.all(names.map((name) => describeSchedule(temporal, name)));
        output.print(
          schedules.length === 0 ? "No schedules yet: 'mdti-sync schedule apply' creates them." : table(schedules),
        );
        output.result({ schedules });
      });
    });
}

function onPipeline(
  name: string,
  description: string,
  work: (temporal: Temporal, pipeline: string, output: Output) => Promise<void>,
): Command {
  return new Command(name)
    .description(description)
    .addOption(pipelineOption().makeOptionMandatory())
    .option('--json', 'print one JSON object')
    .action(async (options: { pipeline: string; json?: true }) => {
      await withTemporal(async (temporal) => {
        const output = createOutput(options.json === true);
        await withSchedule(temporal, options.pipeline, () => work(temporal, options.pipeline, output));
      });
    });
}

function table(schedules: readonly ScheduleView[]): string {
  const rows = new Table({
    head: ['pipeline', 'kind', 'every', 'state', 'next run', 'running'],
    style: { head: [], border: [] },
  });
  for (const { pipeline, kind, everyMs, paused, next, running } of schedules) {
    const every = everyMs === null ? '?' : `${everyMs / 60_000} min`;
    rows.push([pipeline, kind, every, paused ? 'paused' : 'active', next[0] ?? '', running.join('\n')]);
  }
  return rows.toString();
}

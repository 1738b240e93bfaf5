import { existsSync } from 'node:fs';
import { Option } from 'commander';
import { temporalSection } from '../../config/api-sections.ts';
import { loadConfig } from '../../config/load-config.ts';
import { formatProblems } from '../../config/problem.ts';
import { CONFIG_FILE } from './config-option.ts';
import { CommandError, EXIT } from './exit-codes.ts';
import { parsedBy } from './parsed-by.ts';

export interface TaskQueueChoice {
  readonly taskQueue?: string;
  readonly config?: string;
}

const { taskQueue } = temporalSection.shape;

/** For a command that asks workers, or gives them work: where they are, which the configuration says. */
export function taskQueueOptions(): readonly Option[] {
  return [
    new Option(
      '--config <file>',
      `the configuration, which names the task queue (default: ${CONFIG_FILE}, if there)`,
    ).env('MDTI_SYNC_CONFIG'),
    new Option(
      '--task-queue <name>',
      'the task queue of the workers (default: temporal.taskQueue of the configuration)',
    )
      .env('MDTI_SYNC_TASK_QUEUE')
      .argParser(parsedBy(taskQueue)),
  ];
}

/**
 * What the options or their variables say; else what the configuration says, which may only be missing where nobody has named it: an
 * operator needs no file. One with a mistake ends the command.
 */
export async function chosenTaskQueue(choice: TaskQueueChoice): Promise<string> {
  if (choice.taskQueue) return choice.taskQueue;
  if (!choice.config && !existsSync(CONFIG_FILE)) return taskQueue.parse(undefined);
  const file = choice.config || CONFIG_FILE;
  const parsed = await loadConfig(file);
  if (parsed.ok) return parsed.config.temporal.taskQueue;
  throw new CommandError(formatProblems(parsed.problems, file), EXIT.usage);
}

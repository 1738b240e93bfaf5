import { Command, InvalidArgumentError, Option } from 'commander';
import type { HostReputation } from '../../exchange/messages.ts';
import { askReputations } from '../values/ask-reputations.ts';
import { listName, listText, UnusableList } from '../values/list-text.ts';
import type { ListedValue } from '../values/listed-value.ts';
import { readList } from '../values/read-list.ts';
import { countsSentence, valueCounts } from '../values/value-counts.ts';
import { valueRows } from '../values/value-rows.ts';
import { valuesCsv } from '../values/values-csv.ts';
import { valuesTable } from '../values/values-table.ts';
import { CommandError, EXIT } from './exit-codes.ts';
import { interruptSignal } from './interrupt.ts';
import { createLookUpLine } from './look-up-line.ts';
import { createOutput, type Output } from './output.ts';
import { pipelineOption } from './pipeline-option.ts';
import { runEnrichment } from './run-enrichment.ts';
import { chosenTaskQueue, type TaskQueueChoice, taskQueueOptions } from './task-queue.ts';
import { withTemporal } from './with-temporal.ts';

interface EnrichOptions extends TaskQueueChoice {
  readonly pipeline?: string;
  readonly check?: true;
  readonly values?: string;
  readonly column?: string;
  readonly minimumScore?: number;
  readonly format?: 'table' | 'csv' | 'json';
  readonly json?: true;
}

export function enrichCommand(): Command {
  const command = new Command('enrich')
    .description(
      "run a pipeline of kind enrich now, or tell MDTI's reputation of the values of a list, which need be in no TIP",
    )
    .addOption(pipelineOption('run this pipeline now, and follow it to its end'))
    .option('--check', 'with --pipeline: only read a page of what is selected, and say what is there')
    .option(
      '--values <file>',
      'a CSV, or one value on each line: hosts, URLs, e-mail addresses, defanged or not; - is standard input',
    )
    .option('--column <name>', 'the column of the CSV that has the values (default: value, indicator, host, …)')
    .option('--minimum-score <score>', 'show only what has at least this score, 0 to 100', scoreOf)
    .addOption(new Option('--format <format>', 'how to show it (default: table)').choices(['table', 'csv', 'json']))
    .option('--json', 'print one JSON object; the same as --format json')
    .action(enrich);
  for (const option of taskQueueOptions()) command.addOption(option);
  return command;
}

async function enrich(options: EnrichOptions): Promise<void> {
  const { values: file, pipeline, format = options.json === true ? 'json' : 'table' } = options;
  refuseIdle(options);
  if (pipeline !== undefined && file === undefined) {
    await runEnrichment(pipeline, options);
    return;
  }
  if (file === undefined || pipeline !== undefined) {
    throw new CommandError(
      'enrich needs one of --pipeline NAME, to run it now, and --values FILE, or --values - for standard input.',
      EXIT.usage,
    );
  }
  if (options.json === true && format !== 'json') {
    throw new CommandError('Say --json or --format, and not both.', EXIT.usage);
  }
  const output = createOutput(format === 'json');
  const signal = interruptSignal(output.say);
  const values = await valuesOf(file, options.column ?? null, output, signal);
  const known = await reputationsOf(values, options, output, signal);
  const all = valueRows(values, known);
  const counts = valueCounts(all, known);
  const { minimumScore = null } = options;
  const rows = minimumScore === null ? all : all.filter(({ score }) => score !== null && score >= minimumScore);
  // What is read by a program, or searched, has each value on a line.
  const width = process.stdout.isTTY ? Math.max(80, process.stdout.columns) : null;
  if (format === 'csv') process.stdout.write(valuesCsv(rows));
  else output.print(valuesTable(rows, width));
  output.result({ values: rows, counts });
  output.say(countsSentence(counts));
}

/** What would change nothing is told: it may be the other one of both that was meant. */
function refuseIdle({ pipeline, values, check, column, minimumScore, format }: EnrichOptions): void {
  const given = { '--column': column, '--minimum-score': minimumScore, '--format': format };
  const [idle] = Object.entries(given).flatMap(([option, value]) => (value === undefined ? [] : [option]));
  if (pipeline !== undefined && values === undefined && idle !== undefined)
    throw new CommandError(`${idle} goes with --values, and not with --pipeline.`, EXIT.usage);
  if (values !== undefined && pipeline === undefined && check === true)
    throw new CommandError('--check goes with --pipeline, and not with --values.', EXIT.usage);
}

async function valuesOf(
  file: string,
  column: string | null,
  output: Output,
  signal: AbortSignal,
): Promise<readonly ListedValue[]> {
  if (file === '-' && process.stdin.isTTY) output.say('One value on each line; Ctrl-D ends the list.');
  const reading = readList(await textOf(file, signal), column);
  if (!reading.ok) throw new CommandError(`${listName(file)} ${reading.why}.`, EXIT.usage);
  if (reading.column !== null) output.say(`${listName(file)} is read by its column "${reading.column}".`);
  return reading.values;
}

async function textOf(file: string, signal: AbortSignal): Promise<string> {
  try {
    return await listText(file, process.stdin, signal);
  } catch (error) {
    throw error instanceof UnusableList ? new CommandError(error.message, EXIT.usage, { cause: error }) : error;
  }
}

/** Of each host once. */
async function reputationsOf(
  values: readonly ListedValue[],
  options: EnrichOptions,
  output: Output,
  signal: AbortSignal,
): Promise<ReadonlyMap<string, HostReputation>> {
  const hosts = [...new Set(values.flatMap((value) => (value.kind === 'host' ? [value.host] : [])))];
  if (hosts.length === 0) return new Map();
  const taskQueue = await chosenTaskQueue(options);
  const line = createLookUpLine(output);
  return withTemporal((temporal) =>
    askReputations(temporal, taskQueue, hosts, { signal, onProgress: (progress) => line.show(progress) }),
  ).finally(() => line.end());
}

function scoreOf(text: string): number {
  const score = /^\d{1,3}$/.test(text) ? Number(text) : 101;
  if (score > 100) throw new InvalidArgumentError('It must be a whole number from 0 to 100.');
  return score;
}

import { Command } from 'commander';
import { backfillFigure } from './backfill.ts';
import { bareFigure } from './bare.ts';
import { budgetFigure } from './budget.ts';
import { costFigure } from './cost.ts';
import type { Figure, Section } from './figure.ts';
import { endAllOnSignal } from './interrupt.ts';
import { latencyFigure } from './latency.ts';
import { machineLine, thisMachine } from './machine.ts';
import { oneByOneFigure } from './one-by-one.ts';
import { Scope } from './scope.ts';
import { startupFigure } from './startup.ts';
import { workersFigure } from './workers.ts';

const figures: readonly Figure[] = [
  bareFigure(),
  oneByOneFigure(),
  workersFigure(),
  budgetFigure(),
  latencyFigure(),
  costFigure(),
  startupFigure(),
  backfillFigure(),
];

const root = new Scope();
const isInterrupted = endAllOnSignal(root);

/** Each figure in a scope of its own, and its result as soon as it is there: a later one may fail. */
async function measureAll(chosen: readonly Figure[], json: boolean): Promise<void> {
  const say = (sentence: string): void => void process.stderr.write(`${sentence}\n`);
  const machine = thisMachine();
  const measured: Record<string, object> = {};
  if (!json) process.stdout.write(`${machineLine(machine)}\n`);
  for (const { command, measure } of chosen) {
    say(`== ${command.name()}`);
    const section = await root.within((scope) => measure({ scope, say }));
    measured[command.name()] = section.data;
    if (!json) process.stdout.write(`\n${markdownOf(section)}\n`);
  }
  if (json) process.stdout.write(`${JSON.stringify({ machine, figures: measured })}\n`);
}

function markdownOf({ heading, blocks }: Section): string {
  return [`## ${heading}`, ...blocks].join('\n\n');
}

const JSON_OPTION = ['--json', 'print one JSON object instead of Markdown'] as const;

const program = new Command('bench')
  .description(
    'Figures that anyone can run again: the product against the sandbox, as processes of their own, on this machine. Without a subcommand: all of them.',
  )
  .option(...JSON_OPTION)
  .enablePositionalOptions()
  .action((options: { json?: true }) => measureAll(figures, options.json === true));
for (const figure of figures) {
  figure.command
    .option(...JSON_OPTION)
    .action((options: { json?: true }) => measureAll([figure], options.json === true));
  program.addCommand(figure.command);
}
try {
  await program.parseAsync();
  process.exit();
} catch (error) {
  if (!isInterrupted()) throw error;
}

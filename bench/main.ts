import { Command } from 'commander';
import { backfillBench } from './backfill.ts';

/** Figures that anyone can run again. Each subcommand prints a summary in Markdown. */
await new Command('bench')
  .description('measures the product against the sandbox, as processes of their own, on this machine')
  .addCommand(backfillBench())
  .parseAsync();
process.exit();

import Table from 'cli-table3';
import { wrapped } from './wrapped.ts';

type Facts = readonly { readonly [what: string]: string }[];

/** Borders of a table of two columns, and what is left free beside its texts. */
const FRAME = 7;
/** The most that a name takes of a line; the longest of ours has 16. */
const LONGEST_NAME = 18;

/** Facts with their names, as a table; of so many columns at most, if they are given. */
export function factsTable(facts: Facts, width: number | null): string {
  const table = new Table({ style: { head: [], border: [] } });
  const entries = facts.flatMap((fact) => Object.entries(fact));
  const name = Math.min(LONGEST_NAME, Math.max(...entries.map(([what]) => what.length)));
  for (const [what, text] of entries) {
    table.push(width === null ? { [what]: text } : { [lines(what, name)]: lines(text, width - FRAME - name) });
  }
  return table.toString();
}

function lines(text: string, width: number): string {
  return wrapped(text, width).join('\n');
}

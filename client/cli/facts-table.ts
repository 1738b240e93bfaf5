import Table from 'cli-table3';

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
    table.push(width === null ? { [what]: text } : { [wrapped(what, name)]: wrapped(text, width - FRAME - name) });
  }
  return table.toString();
}

/** Lines of so many characters at most, between words as far as they are no longer than that. */
function wrapped(text: string, width: number): string {
  return text
    .split('\n')
    .flatMap((line) => {
      const lines = [''];
      for (const word of line.split(' ').flatMap((one) => pieces(one, width))) {
        const last = lines.at(-1) ?? '';
        if (last === '') lines[lines.length - 1] = word;
        else if (last.length + 1 + word.length <= width) lines[lines.length - 1] = `${last} ${word}`;
        else lines.push(word);
      }
      return lines;
    })
    .join('\n');
}

/** Of a word that is longer than a line; of one that is not: itself. */
function pieces(word: string, width: number): readonly string[] {
  const letters = Array.from(word);
  if (letters.length <= width) return [word];
  return Array.from({ length: Math.ceil(letters.length / width) }, (_, at) =>
    letters.slice(at * width, (at + 1) * width).join(''),
  );
}

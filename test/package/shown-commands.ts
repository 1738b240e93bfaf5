import { readdir, readFile } from 'node:fs/promises';

export interface ShownCommand {
  /** As it stands there, without the comment after it. */
  readonly command: string;
  /** `README.md:28`. */
  readonly at: string;
}

/** The pages for users: README and docs. */
async function pages(): Promise<readonly string[]> {
  const docs = (await readdir('docs')).filter((name) => name.endsWith('.md')).sort();
  return ['README.md', ...docs.map((name) => `docs/${name}`)];
}

const SHELLS = /^```(sh|bash|shell|console|zsh)$/;

/** Every line of the blocks of shell, block by block. */
export async function shownBlocks(): Promise<readonly (readonly ShownCommand[])[]> {
  const blocks: ShownCommand[][] = [];
  for (const page of await pages()) {
    let block: ShownCommand[] | null = null;
    let before = '';
    for (const [index, line] of (await readFile(page, 'utf8')).split('\n').entries()) {
      if (block === null) {
        if (SHELLS.test(line)) blocks.push((block = []));
      } else if (line.startsWith('```')) block = null;
      else if (line.endsWith('\\')) before += line.slice(0, -1);
      else {
        const command = withoutComment(before + line);
        before = '';
        if (command !== '') block.push({ command, at: `${page}:${index + 1}` });
      }
    }
  }
  return blocks;
}

/** What sentences and tables name between backticks and what begins as a command does. */
export async function namedCommands(): Promise<readonly ShownCommand[]> {
  const found: ShownCommand[] = [];
  for (const page of await pages()) {
    for (const [index, line] of (await readFile(page, 'utf8')).split('\n').entries()) {
      for (const [, command = ''] of line.matchAll(
        /`((?:npx )?(?:mdti-sync|npm|docker|temporal|kubectl|psql) [^`]+)`/g,
      )) {
        found.push({ command, at: `${page}:${index + 1}` });
      }
    }
  }
  return found;
}

function withoutComment(line: string): string {
  return line.replace(/(^|\s)#.*$/, '').trim();
}

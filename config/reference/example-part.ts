import type { Setting } from './setting-list.ts';

const WIDTH = 120;

/**
 * Settings as lines of YAML with their sentences above them: what has a default is there with it, what may be left out and has none is a
 * comment, and what has to be there is there as in its example.
 */
export function exampleLines(settings: readonly Setting[], indent: number): readonly string[] {
  const space = ' '.repeat(indent);
  return settings.flatMap(({ name, type, sentence, default: otherwise, example }) => {
    if (name === 'type') return [`${space}type: ${type} # ${sentence}`];
    const comment = wrapped(sentence, WIDTH - indent - 2).map((line) => `${space}# ${line}`);
    if (example === null) return [...comment, `${space}${name}: ${valueOf(otherwise, type)}`];
    if (otherwise === null) return [...comment, `${space}${name}: ${example}`];
    return [...comment, `${space}# Default: ${otherwise}`, `${space}# ${name}: ${example}`];
  });
}

/** The same, all of it commented out. */
export function commentedLines(settings: readonly Setting[], indent: number): readonly string[] {
  const space = ' '.repeat(indent);
  return exampleLines(settings, 0).map((line) => `${space}# ${line}`);
}

function valueOf(text: string | null, type: string): string {
  if (text !== 'none' || type.includes('none')) return text ?? '';
  return type === 'map' ? '{}' : '[]';
}

function wrapped(text: string, width: number): readonly string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    if (line !== '' && line.length + 1 + word.length > width) {
      lines.push(line);
      line = word;
    } else {
      line = line === '' ? word : `${line} ${word}`;
    }
  }
  return [...lines, line];
}

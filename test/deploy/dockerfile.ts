import { readFile } from 'node:fs/promises';

const DOCKERFILE = 'deploy/Dockerfile';

export interface Dockerfile {
  /** Of its last stage: `EXPOSE`. */
  readonly ports: readonly number[];
  /** Of its last stage: `ENV`. */
  readonly environment: Readonly<Record<string, string>>;
  /** Instructions in their order, with lines joined: `['USER', '1000:1000']`. */
  readonly instructions: readonly (readonly [string, string])[];
}

export async function readDockerfile(): Promise<Dockerfile> {
  const text = await readFile(DOCKERFILE, 'utf8');
  const lines = text
    .replaceAll(/^#.*\n/gm, '')
    .replaceAll(/\\\n\s*/g, '')
    .split('\n');
  const instructions = lines
    .map((line) => /^([A-Z]+) (.*)$/.exec(line))
    .filter((match) => match !== null)
    .map(([, name = '', rest = '']): readonly [string, string] => [name, rest]);
  const lastStage = instructions.slice(instructions.map(([name]) => name).lastIndexOf('FROM'));
  const of = (wanted: string) => lastStage.filter(([name]) => name === wanted).map(([, rest]) => rest);
  return {
    instructions,
    ports: of('EXPOSE').flatMap((rest) => rest.split(' ').map(Number)),
    environment: Object.fromEntries(
      of('ENV').flatMap((rest) =>
        Array.from(rest.matchAll(/(\w+)=(\S+)/g), ([, name = '', value = '']) => [name, value]),
      ),
    ),
  };
}

import { type ReadFile, readText } from '../settings/read-secret.ts';

/** A sentence when the file cannot be read or is not what is wanted. */
export async function fileProblems(
  setting: string,
  file: string,
  readFile: ReadFile,
  problemOf: (text: string) => string | null,
): Promise<readonly string[]> {
  const found = await readText(readFile, file);
  const problem = found.ok ? problemOf(found.text) : null;
  if (!found.ok) return [`${setting}: ${found.problem}`];
  return problem === null ? [] : [`${setting}: the file ${file} ${problem}`];
}

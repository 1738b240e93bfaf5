import { readFile } from 'node:fs/promises';
import { type ParsedConfig, parseConfig } from './parse-config.ts';

/** Reads and checks a configuration file; a file that cannot be read is a problem like any other. */
export async function loadConfig(path: string): Promise<ParsedConfig> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    const why = error instanceof Error && 'code' in error ? String(error.code) : 'unknown reason';
    const message = why === 'ENOENT' ? 'there is no such file' : `cannot be read (${why})`;
    return { ok: false, problems: [{ path: '', line: 0, column: 0, message, suggestion: null }] };
  }
  return parseConfig(text, path);
}

import { createReadStream } from 'node:fs';
import { CsvError, parse } from 'csv-parse';
import { z } from 'zod';

/** One line of a feed. */
export interface FeedLine {
  readonly type: string;
  readonly value: string;
  readonly campaign: string;
  /** As it stands there; may be empty. */
  readonly firstPublished: string;
}

const line = z.object({
  record: z.object({
    type: z.string(),
    value: z.string(),
    campaign: z.string().default(''),
    first_published: z.string().default(''),
  }),
  info: z.object({ lines: z.number() }),
});

/**
 * Reads a CSV with the columns `type,value` and, if it has them, `campaign,first_published`: one entry for each line, whatever
 * it holds. Throws an Error that names the file and the line for what is no CSV.
 */
export async function readFeed(file: string): Promise<readonly FeedLine[]> {
  const lines: FeedLine[] = [];
  const parser = parse({ bom: true, columns: header(file), info: true, skip_empty_lines: true, trim: true });
  const input = createReadStream(file);
  input.once('error', (error) => parser.destroy(error));
  try {
    for await (const found of input.pipe(parser)) {
      const { record } = line.parse(found);
      lines.push({
        type: record.type,
        value: record.value,
        campaign: record.campaign,
        firstPublished: record.first_published,
      });
    }
  } catch (error) {
    if (error instanceof CsvError) {
      const at: unknown = error['lines'];
      const where = typeof at === 'number' ? `line ${at}: ` : '';
      throw new Error(`The feed ${file} cannot be read: ${where}${error.message}`, {
        cause: error,
      });
    }
    if (error instanceof Error && 'code' in error) {
      throw new Error(`The feed ${file} cannot be read: ${error.message}`, { cause: error });
    }
    throw error;
  } finally {
    input.destroy();
  }
  return lines;
}

function header(file: string): (names: string[]) => string[] {
  return (names) => {
    const missing = ['type', 'value'].filter((name) => !names.includes(name));
    if (missing.length > 0) {
      throw new Error(
        `The feed ${file} cannot be read: line 1 must name its columns, and "${missing.join('" and "')}" is missing.`,
      );
    }
    return names;
  };
}

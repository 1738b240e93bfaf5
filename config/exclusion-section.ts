import { z } from 'zod';
import { EXPECTED, type ListKind, readEntry } from '../indicators/list-entry.ts';

const path = z.string().min(1).describe('Path of a file of entries, one a line, from the working directory.');

/** The entries of a list, in the form that is compared, and files of entries. */
function list(kind: ListKind, sentence: string, example?: string) {
  const error = ({ input }: { readonly input?: unknown }): string =>
    `expected ${EXPECTED[kind]}, or { file: PATH }${typeof input === 'number' ? ', found a number: put it into quotation marks' : ''}`;
  const entry = z.union([z.string(), z.strictObject({ file: path })], { error }).transform((raw, context) => {
    if (typeof raw !== 'string') return raw;
    const read = readEntry(kind, raw);
    if (read.ok) return read.value;
    context.addIssue({ code: 'custom', message: `expected ${EXPECTED[kind]}, found "${raw.slice(0, 60)}"` });
    return z.NEVER;
  });
  const shown = example === undefined ? '' : ` Example: ${example}`;
  return z.array(entry).prefault([]).describe(`${sentence} Or { file: PATH } among them. Default: none${shown}`);
}

/** What a pipeline never delivers. */
export const exclusionSection = z.strictObject({
  reservedAddresses: z
    .boolean()
    .prefault(true)
    .describe('Leave out private and reserved addresses, and names such as localhost. Default: true'),
  emptyContent: z
    .boolean()
    .prefault(true)
    .describe('Leave out the hashes of empty files, and of files of one line break, blank or zero byte. Default: true'),
  cidrs: list('cidrs', 'Networks, with URLs and e-mail addresses at them.', '[192.0.2.0/24]'),
  domains: list('domains', 'Domains, with all below them, URLs and e-mail addresses at them.', '[example.com]'),
  hashes: list('hashes', 'MD5, SHA-1 and SHA-256 of files.'),
  urls: list('urls', 'URLs, exactly; everything at a host is for domains and cidrs.'),
  emails: list('emails', 'E-mail addresses, in any case.', '[someone@example.com]'),
  threats: list('threats', 'What indicators are said to be, as * patterns too.', '[botnet, spam]'),
  tags: list('tags', 'Tags or labels in any case; * stands for any text.', '["noise", "botnet*"]'),
  warningLists: z
    .array(
      z.strictObject(
        { file: path },
        { error: ({ code }) => (code === 'invalid_type' ? 'expected { file: PATH }' : undefined) },
      ),
    )
    .prefault([])
    .describe('Files of MISP warning lists (list.json), each as { file: PATH }. Default: none'),
});

export type ExclusionConfig = z.output<typeof exclusionSection>;

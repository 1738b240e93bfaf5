import { z } from 'zod';
import { setting, settingOf } from '../../settings/setting.ts';

/** Types of observables behind which a host is, and files. */
export const OBSERVABLE_TYPES = [
  'IPv4-Addr',
  'IPv6-Addr',
  'Domain-Name',
  'Hostname',
  'Url',
  'Email-Addr',
  'StixFile',
] as const;

/** As far as a group has to be one to be put beside others; what it asks for OpenCTI judges. (Source: OpenCTI, config/schema/opencti.graphql, `FilterGroup`.) */
const filterGroup = z.strictObject({
  mode: z.enum(['and', 'or']),
  filters: z.array(z.looseObject({ key: z.union([z.string(), z.array(z.string())]), values: z.array(z.unknown()) })),
  get filterGroups() {
    return z.array(filterGroup);
  },
});

const filters = z
  .string()
  .max(20_000)
  .transform((text, context) => {
    const read = filterGroup.safeParse(jsonOf(text));
    if (read.success) return read.data;
    context.addIssue({
      code: 'custom',
      message: 'expected JSON of a filter group: an object with mode ("and" or "or"), filters and filterGroups',
    });
    return z.NEVER;
  });

const names = z.array(z.string().trim().min(1).max(200)).max(100);

/** Which observables of one OpenCTI are enriched: those for which all settings hold. */
export const openCtiSelect = z.strictObject({
  types: setting(
    z.array(z.enum(OBSERVABLE_TYPES)).min(1),
    'Types of observables. MDTI knows nothing of files: they are counted, and nothing is written to them.',
    [...OBSERVABLE_TYPES],
  ),
  labels: setting(names, 'Only observables with one of these labels.', []),
  markings: setting(
    names,
    'Only observables with one of these markings, by their definitions, such as [TLP:AMBER].',
    [],
  ),
  createdBy: setting(names, 'Only observables with one of these authors, by their names.', []),
  minimumScore: settingOf(z.int().min(0).max(100).optional(), 'Only observables with this score or a higher one.', {
    example: 50,
    otherwise: 'whatever the score, and also without any',
  }),
  filters: settingOf(
    filters.optional(),
    'Anything else: a filter group of OpenCTI as JSON, as its address bar shows one, which has to hold, too.',
    {
      example:
        '{"mode":"and","filters":[{"key":"created_at","values":["2026-01-01T00:00:00Z"],"operator":"gt"}],"filterGroups":[]}',
      otherwise: 'none',
    },
  ),
});

export type OpenCtiSelect = z.output<typeof openCtiSelect>;

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

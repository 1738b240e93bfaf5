import { z } from 'zod';
import { destinationSection, KINDS } from '../destinations/kinds.ts';
import { duration } from '../settings/duration.ts';
import { exclusionSection } from './exclusion-section.ts';
import { scheduleSection } from './schedule-section.ts';
import { idOfWorkspace } from './source-section.ts';

const kqlSection = z.strictObject({
  workspaceId: idOfWorkspace.describe(
    'Id of the Log Analytics workspace (customer id). Example: aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee',
  ),
  query: z
    .string()
    .min(1)
    .max(20_000)
    .describe(
      'KQL whose answer has a column of hosts, addresses, URLs or e-mail addresses, 30,000 rows at most. Example: "SecurityAlert | mv-expand parse_json(Entities) | project Host = tostring(Entities.Address)"',
    ),
  column: z.string().min(1).max(200).prefault('Host').describe('That column. Default: Host'),
  lookBack: duration({ min: '5m', max: '90d' })
    .prefault('1d')
    .describe('How far back TimeGenerated is looked through at each run. Default: 1d'),
});

/** Each kind has a selection of its own; only editors see them all. */
const selectShown = KINDS.flatMap(({ select }) =>
  select === undefined ? [] : [z.toJSONSchema(select, { target: 'draft-2020-12', io: 'input' })],
);
const selectSection = z
  .looseObject({
    kql: kqlSection
      .optional()
      .describe(
        'Instead of all else: the hosts that a query of a Log Analytics workspace names, of which those are enriched that the destination holds.',
      ),
  })
  .meta({ anyOf: selectShown });

/** Of what excludes indicators, that which goes by where something is. */
const exclusion = exclusionSection
  .pick({ reservedAddresses: true, cidrs: true, domains: true, urls: true, emails: true, warningLists: true })
  .transform((some) => ({ ...some, emptyContent: false, hashes: [], threats: [], tags: [] }));

const score = z.int().min(0).max(100);

/** What the TIP holds, and what of MDTI's reputation is written back to it. */
export const enrichSection = z
  .strictObject({
    kind: z.literal('enrich').describe('Enriches what the destination holds already, instead of delivering.'),
    schedule: scheduleSection.describe('When it runs.'),
    select: selectSection.prefault({}).describe('Which observables of the destination are enriched.'),
    everyPass: duration({ min: '1h', max: '365d' })
      .prefault('7d')
      .describe(
        'Runs read what has changed; so often one reads all that is selected, and finds what is there no more. Default: 7d',
      ),
    policy: z
      .strictObject({
        minimumScore: score
          .prefault(50)
          .describe(
            'From this reputation score on it is written; below it, what was written before is taken back; 0 to 100. Default: 50',
          ),
        exclude: exclusion.prefault({}).describe('What is not looked up.'),
      })
      .prefault({})
      .describe('What is written.'),
    write: z
      .strictObject({
        tags: z
          .boolean()
          .prefault(true)
          .describe(
            'Two tags that only your organisation sees: the classification and a band of scores. Default: true',
          ),
        comment: z
          .boolean()
          .prefault(false)
          .describe(
            'A comment that only your organisation sees, whenever the classification or the band changes. Default: false',
          ),
        score: z
          .boolean()
          .prefault(false)
          .describe('The score as the confidence of what is your own organisation’s. Default: false'),
        tagPrefix: z
          .string()
          .regex(/^[A-Za-z0-9._-]{1,40}$/, {
            error: 'expected letters, digits, ".", "_" and "-", 40 characters at most',
          })
          .prefault('mdti')
          .describe('With it the names of the tags begin: mdti:malicious, mdti-score:75-89. Default: mdti'),
      })
      .prefault({})
      .describe('What is written back.'),
    destination: destinationSection.describe('The TIP.'),
    lanes: z.int().min(1).max(500).prefault(10).describe('Batches under way at once. Default: 10'),
    batchSize: z
      .int()
      .min(1)
      .max(1_000)
      .prefault(1_000)
      .describe('Artifacts of one batch: looked up, or written, together. Default: 1000'),
  })
  .transform(({ select, ...pipeline }, context) => {
    const { enrichment, type } = pipeline.destination;
    if (enrichment === null) {
      const others = KINDS.filter((kind) => kind.select !== undefined).map((kind) => kind.type);
      context.addIssue({
        code: 'custom',
        path: ['destination', 'type'],
        message: `what ${type} holds cannot be enriched; expected one of ${others.join(', ')}`,
      });
      return z.NEVER;
    }
    for (const what of ['comment', 'score'] as const) {
      if (!pipeline.write[what] || enrichment.writes.includes(what)) continue;
      context.addIssue({
        code: 'custom',
        path: ['write', what],
        message: `cannot be true for ${type}, which has none that could be written`,
        params: { suggestion: 'false' },
      });
    }
    const { kql, ...own } = select;
    const selected = enrichment.select(own);
    if (!selected.ok) {
      context.addIssue({
        code: 'custom',
        path: ['select'],
        message: 'is not right',
        params: { issues: selected.issues },
      });
      return z.NEVER;
    }
    if (kql !== undefined && Object.keys(own).length > 0) {
      context.addIssue({
        code: 'custom',
        path: ['select', Object.keys(own)[0] ?? ''],
        message: 'does not go with kql, which stands for itself',
      });
      return z.NEVER;
    }
    return { ...pipeline, kql: kql ?? null, selection: selected.selection };
  });

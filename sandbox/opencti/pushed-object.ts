import { z } from 'zod';
import type { Dated } from './valid-period.ts';

/** OpenCTI's own extension. (Source: pycti, `STIX_EXT_OCTI`.) */
const OPENCTI_EXTENSION = 'extension-definition--ea279b3e-5c71-4632-ac08-831c66a786ba';

const DEFAULT_SCORE = 50;

/** (Source: OpenCTI, schema/stixCyberObservable.) */
const OBSERVABLE_TYPES = new Set([
  'Artifact',
  'Autonomous-System',
  'Cryptocurrency-Wallet',
  'Directory',
  'Domain-Name',
  'Email-Addr',
  'Email-Message',
  'Hostname',
  'IPv4-Addr',
  'IPv6-Addr',
  'Mac-Addr',
  'Mutex',
  'Network-Traffic',
  'Process',
  'Software',
  'StixFile',
  'Text',
  'Url',
  'User-Account',
  'User-Agent',
  'Windows-Registry-Key',
  'X509-Certificate',
]);

export const pushedObject = z.looseObject({ id: z.string(), type: z.string() });
export type PushedObject = z.infer<typeof pushedObject>;

const instant = z
  .string()
  .transform((text) => Date.parse(text))
  .pipe(z.number())
  .nullish()
  .transform((at) => at ?? null);
const texts = z
  .array(z.string())
  .nullish()
  .transform((list) => list ?? []);

const extension = z.looseObject({
  score: z.number().nullish(),
  detection: z.boolean().nullish(),
  main_observable_type: z.string().nullish(),
});

const pushedIndicator = z.looseObject({
  id: z.string(),
  pattern: z.string().default(''),
  pattern_type: z.string(),
  name: z.string().min(2).nullish(),
  description: z.string().nullish(),
  indicator_types: texts,
  valid_from: instant,
  valid_until: instant,
  created: instant,
  revoked: z.boolean().nullish(),
  confidence: z.int().nullish(),
  labels: texts,
  object_marking_refs: texts,
  created_by_ref: z.string().nullish(),
  x_opencti_score: z.number().nullish(),
  x_opencti_detection: z.boolean().nullish(),
  x_opencti_main_observable_type: z.string().nullish(),
  extensions: z.looseObject({ [OPENCTI_EXTENSION]: extension.optional() }).nullish(),
});

/** An indicator as the workers hand it over. */
export interface IncomingIndicator extends Dated {
  readonly stixId: string;
  readonly pattern: string;
  readonly patternType: string;
  readonly name: string;
  readonly description: string | null;
  readonly indicatorTypes: readonly string[];
  readonly score: number;
  readonly detection: boolean;
  readonly mainObservableType: string;
  readonly confidence: number | null;
  readonly labels: readonly string[];
  readonly markingRefs: readonly string[];
  readonly createdByRef: string | null;
}

/** The object was refused; the message stands among the errors of its work, which TAXII shows nothing of but their number. */
export class Refused extends Error {
  override readonly name = 'Refused';
}

/** (Source: pycti, `Indicator.import_from_stix2`; OpenCTI, `addIndicator`.) Throws `Refused`. */
export function incomingIndicator(object: PushedObject, confidenceToScore: boolean): IncomingIndicator {
  const parsed = pushedIndicator.safeParse(object);
  if (!parsed.success) throw new Refused(`An input is not valid: ${parsed.error.issues[0]?.path.join('.')}.`);
  const read = parsed.data;
  const own = read.extensions?.[OPENCTI_EXTENSION];
  const given = read.x_opencti_score === undefined ? own?.score : read.x_opencti_score;
  const copied = confidenceToScore ? (read.confidence ?? given) : given;
  return {
    stixId: read.id,
    pattern: read.pattern,
    patternType: read.pattern_type,
    name: read.name ?? read.pattern,
    description: read.description ?? null,
    indicatorTypes: read.indicator_types,
    validFrom: read.valid_from,
    validUntil: read.valid_until,
    created: read.created,
    revoked: read.revoked === true,
    score: checkedScore(copied ?? DEFAULT_SCORE),
    detection: read.x_opencti_detection ?? own?.detection ?? false,
    mainObservableType: observableType(read.x_opencti_main_observable_type ?? own?.main_observable_type ?? 'Unknown'),
    confidence: read.confidence ?? null,
    labels: read.labels,
    markingRefs: read.object_marking_refs,
    createdByRef: read.created_by_ref ?? null,
  };
}

function checkedScore(score: number): number {
  if (Number.isInteger(score) && score >= 0 && score <= 100) return score;
  throw new Refused('The score should be an integer between 0 and 100');
}

function observableType(named: string): string {
  const type = named === 'File' ? 'StixFile' : named;
  if (type !== 'Unknown' && !OBSERVABLE_TYPES.has(type)) throw new Refused(`Observable type ${type} is not supported.`);
  return type;
}

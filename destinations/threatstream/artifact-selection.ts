import { z } from 'zod';
import { setting, settingOf } from '../../settings/setting.ts';

const NO_ID = { error: 'expected an id: a whole number' };
const id = z.union([z.int(NO_ID).min(1, NO_ID), z.string().regex(/^[1-9]\d{0,14}$/, NO_ID)], NO_ID).transform(Number);
const name = z.string().min(1).max(200);

/** As `type` filters observables; `hash` is what objects call `md5`. (Source: CrowdStrike's OpenAPI of ThreatStream's search.) */
const TYPES = ['ip', 'domain', 'url', 'email', 'hash'] as const;
/** Models that have observables. (Source: XSOAR `AnomaliThreatStreamv3`.) */
const MODELS = ['actor', 'campaign', 'incident', 'malware', 'signature', 'tipreport', 'ttp', 'vulnerability'] as const;

/** Which observables of ThreatStream are enriched; what is named together holds together. */
export const threatstreamSelection = z
  .strictObject({
    status: setting(z.array(z.enum(['active', 'inactive', 'falsepos'])).min(1), 'Observables of these statuses.', [
      'active',
    ]),
    types: setting(
      z.array(z.enum(TYPES)).min(1),
      'Observables of these types. MDTI has no reputation of hashes: they are counted, no more.',
      [...TYPES],
    ),
    q: settingOf(z.string().min(1).max(4_000).optional(), 'A filter in ThreatStream’s own query language.', {
      example: '(confidence>=50 AND itype="mal_ip")',
      otherwise: 'none',
    }),
    searchFilter: settingOf(id.optional(), 'Id of a saved search.', { example: 12_345, otherwise: 'none' }),
    tags: setting(z.array(name), 'Observables that have one of these tags.', []),
    feeds: setting(z.array(id), 'Observables of one of these feeds, by their ids.', []),
    privateOnly: setting(z.boolean(), 'Only what is private to your organisation.', false),
    investigation: settingOf(id.optional(), 'Instead of all else: the observables of an investigation, by its id.', {
      example: 4_711,
      otherwise: 'none',
    }),
    threatModel: settingOf(
      z.strictObject({ type: z.enum(MODELS), id }).optional(),
      'Instead of all else: the observables of a threat model.',
      { example: { type: 'actor', id: 4_711 }, otherwise: 'none' },
    ),
  })
  .superRefine(({ investigation, threatModel, q, searchFilter, tags, feeds, privateOnly }, context) => {
    const whole = investigation === undefined ? (threatModel === undefined ? null : 'threatModel') : 'investigation';
    if (whole === null) return;
    const others = { q, searchFilter, tags, feeds, privateOnly, ...(whole === 'investigation' ? { threatModel } : {}) };
    for (const [key, value] of Object.entries(others)) {
      const isSet = Array.isArray(value) ? value.length > 0 : value !== undefined && value !== false;
      if (isSet)
        context.addIssue({
          code: 'custom',
          path: [key],
          message: `does not go with ${whole}, which stands for itself`,
        });
    }
  });

export type ThreatStreamSelection = z.output<typeof threatstreamSelection>;

/** The parameters of the search for what is selected. */
export function queryOf(selection: ThreatStreamSelection): Readonly<Record<string, string>> {
  const { status, types, q, searchFilter, tags, feeds, privateOnly } = selection;
  const parts = [
    ...(types.length === TYPES.length ? [] : [anyOf('type', types)]),
    ...(tags.length === 0 ? [] : [anyOf('tags.name', tags)]),
    ...(privateOnly ? ['(is_public=false)'] : []),
    ...(q === undefined ? [] : [`(${q})`]),
  ];
  return {
    status: status.join(','),
    ...(parts.length === 0 ? {} : { q: parts.join(' AND ') }),
    ...(searchFilter === undefined ? {} : { search_filter: String(searchFilter) }),
    ...(feeds.length === 0 ? {} : { feed_id: feeds.join(',') }),
  };
}

function anyOf(field: string, values: readonly string[]): string {
  return `(${values.map((value) => `${field}="${value.replace(/["\\]/g, '\\$&')}"`).join(' OR ')})`;
}

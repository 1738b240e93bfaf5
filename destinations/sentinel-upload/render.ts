import { createHash } from 'node:crypto';
import type { Tlp } from '../../indicators/indicator.ts';
import { type StixDialect, type StixIndicator, stixIndicator } from '../../indicators/stix.ts';
import { indicatorId, stixNamespace } from '../../indicators/stix-ids.ts';
import { markingRef } from '../../indicators/stix-markings.ts';
import { stixPattern } from '../../indicators/stix-observable.ts';
import { realBeginning, stixTime } from '../../indicators/stix-time.ts';
import type { Deliverable, Rendered } from '../destination.ts';
import { currentOf, type UploadForm, type Version } from './upload-form.ts';

/** What all objects of a deployment have in common. */
export interface Dialect extends StixDialect {
  readonly sourceSystem: string;
}

/** Sentinel knows the markings of TLP 1.0 by their ids, and takes no marking objects. (Source: learn.microsoft.com, "stix-objects-api".) */
const MARKINGS = 'tlp-1';

export function dialectOf(deployment: string, tlpDefault: Tlp, sourceSystem: string): Dialect {
  const producer = { namespace: stixNamespace(deployment), name: sourceSystem, identityClass: 'system' } as const;
  return { producer, isForOpenCti: false, markings: MARKINGS, tlpDefault, sourceSystem };
}

export function defaultMarking({ tlpDefault }: Dialect): string {
  return markingRef(tlpDefault, MARKINGS);
}

/** Of an indicator of which the source does not say since when it holds. */
const NO_BEGINNING = '2026-01-01T00:00:00.000Z';

/**
 * What the workspace would hold for an item. Pure: which version it is follows from the item and from what is held, so that what is sent
 * again is the same version.
 */
export function render(item: Deliverable, dialect: Dialect): Rendered {
  const { id, indicator, held } = item;
  const hash = hashOf(item, dialect);
  const { replaces, previous, ...version } = nextVersion(item, dialect, hash);
  const content = stixIndicator(item, dialect, { ...version, previous });
  // Under the id that is held, whoever has made it.
  const object = { ...content, id: version.id };
  const form: UploadForm = { ...versionOf(object, version.generation), replaces };
  return {
    id,
    key: indicator.key,
    hash,
    batchKey: (held?.remoteId ?? null) === null ? '' : 'held',
    value: indicator.key.value,
    form: { ...form },
    content: { ...object },
    ...(held === undefined ? {} : { held }),
  };
}

function versionOf(object: StixIndicator, generation: number): Version {
  const { id, created, modified, valid_from: from, valid_until: until = null } = object;
  return { id, generation, created, modified, from, until, marking: object.object_marking_refs[0] ?? '' };
}

/** Over all that is shown, and not over which version of it that is. */
function hashOf(item: Deliverable, dialect: Dialect): string {
  const first = { generation: 0, created: NO_BEGINNING, previous: null, now: NO_BEGINNING };
  const { id: _, created: __, modified: ___, created_by_ref: ____, ...shown } = stixIndicator(item, dialect, first);
  return createHash('sha256')
    .update(JSON.stringify([dialect.sourceSystem, shown]))
    .digest('base64url')
    .slice(0, 22);
}

interface NextVersion {
  readonly id: string;
  readonly generation: number;
  readonly created: string;
  readonly previous: string | null;
  /** When it is made, as it says: no clock tells it. */
  readonly now: string;
  readonly replaces: readonly Version[];
}

function nextVersion({ indicator, held }: Deliverable, dialect: Dialect, hash: string): NextVersion {
  const first = stixTime(realBeginning(indicator.facts.validFrom) ?? NO_BEGINNING);
  const current = currentOf(held, defaultMarking(dialect));
  if (current !== null && held?.withdrawn === undefined) {
    const { id, generation, created, modified: previous, replaces } = current;
    return { id, generation, created, previous, now: later(previous, 1 + offset(hash)), replaces };
  }
  // A revoked object gets no more versions. (Source: learn.microsoft.com, "stix-objects-api"; STIX 2.1, 3.2.)
  const generation = current === null ? (held?.withdrawn === undefined ? 0 : 1) : current.generation + 1;
  const id = indicatorId(dialect.producer.namespace, stixPattern(indicator.key), generation);
  const replaces = held?.withdrawn === 'maybe' && current !== null ? alone(current) : [];
  return { id, generation, created: first, previous: null, now: later(first, offset(hash)), replaces };
}

/** The object and those beside it, so that they are revoked together. */
export function alone({ replaces, ...version }: UploadForm): readonly Version[] {
  return [version, ...replaces];
}

/**
 * Between versions lie so many milliseconds, which one it is within them its content says: versions of different content do not share a
 * time but by chance, whatever has been forgotten of those before.
 */
const SPAN_MS = 1_000;

function offset(hash: string): number {
  return createHash('sha256').update(hash).digest().readUInt32BE(0) % SPAN_MS;
}

function later(time: string, ms: number): string {
  return new Date(Date.parse(time) + ms).toISOString();
}

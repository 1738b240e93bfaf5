import { createHash } from 'node:crypto';
import type { IndicatorKey, Tlp } from '../../indicators/indicator.ts';
import { type StixDialect, type StixIndicator, stixIndicator } from '../../indicators/stix.ts';
import { markingRef } from '../../indicators/stix-markings.ts';
import { companions } from '../../indicators/stix-producer.ts';
import { realBeginning } from '../../indicators/stix-time.ts';
import { uuidV5 } from '../../indicators/uuid-v5.ts';
import { withdrawnStix } from '../../indicators/withdrawn-stix.ts';
import type { FileForm } from './form.ts';
import type { Layout } from './layout.ts';

/** Bundles of STIX 2.1, an object in a line, with the identity and the markings that they refer to. */
export function stixLayout(dialect: StixDialect): Layout {
  const withdrawn = (key: IndicatorKey, form: FileForm): string =>
    JSON.stringify(withdrawnStix(bare(key, form, dialect), form.modified, 'revoke'));
  const bundle = (pieces: readonly string[], tlps: ReadonlySet<Tlp>): string => bundleText(pieces, tlps, dialect);
  return {
    extension: '.json',
    standing({ indicator, verdict }, form) {
      const validFrom = realBeginning(indicator.facts.validFrom);
      const object = stixIndicator(
        { indicator: { ...indicator, facts: { ...indicator.facts, validFrom } }, verdict },
        dialect,
        versionIn(form),
      );
      const { id: _, created: __, modified: ___, created_by_ref: ____, valid_from, ...shown } = object;
      return { text: JSON.stringify(object), shown: { ...shown, valid_from: validFrom === null ? null : valid_from } };
    },
    ended: withdrawn,
    withdrawn,
    file: bundle,
    withdrawals: bundle,
  };
}

/** As much of a version as is kept: what a withdrawal has to repeat, and no more. */
function bare(key: IndicatorKey, form: FileForm, dialect: StixDialect): StixIndicator {
  const facts = {
    threat: form.threat,
    confidence: null,
    validFrom: form.validFrom,
    validUntil: null,
    tlp: form.tlp,
    tags: [],
    description: 'Withdrawn: no longer delivered as malicious.',
    ended: null,
  };
  const indicator = { key, facts, sources: [] };
  return stixIndicator({ indicator, verdict: { kind: 'none' } }, dialect, versionIn(form));
}

function versionIn({ generation, created, modified }: FileForm) {
  return { generation, created, previous: null, now: modified };
}

/** A bundle (STIX 2.1, section 8); its id is that of its content. */
function bundleText(
  pieces: readonly string[],
  tlps: ReadonlySet<Tlp>,
  { producer, markings }: Pick<StixDialect, 'producer' | 'markings'>,
): string {
  const refs = [...tlps].map((tlp) => markingRef(tlp, markings));
  const objects = [
    ...companions([{ object_marking_refs: refs }], producer).map((object) => JSON.stringify(object)),
    ...pieces,
  ];
  const digest = createHash('sha256').update(JSON.stringify(objects)).digest('hex');
  const id = `bundle--${uuidV5(producer.namespace, digest)}`;
  return `{"type":"bundle","id":"${id}","objects":[\n${objects.join(',\n')}\n]}\n`;
}

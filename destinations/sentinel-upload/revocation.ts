import type { IndicatorKey } from '../../indicators/indicator.ts';
import { stixPattern } from '../../indicators/stix-observable.ts';
import { producerId } from '../../indicators/stix-producer.ts';
import { withdrawnStix } from '../../indicators/withdrawn-stix.ts';
import type { Form } from '../destination.ts';
import type { Dialect } from './render.ts';
import type { Version } from './upload-form.ts';

/**
 * The next version of an object, which revokes and ends it: with what is required, the name and the marking, and none of what was said of
 * the indicator besides.
 */
export function revocation(key: IndicatorKey, held: Version, { producer }: Dialect, now: string): Form {
  const { id, created, modified, from, until, marking } = held;
  const object = {
    type: 'indicator',
    spec_version: '2.1',
    id,
    created_by_ref: producerId(producer),
    created,
    modified,
    name: key.value,
    pattern: stixPattern(key),
    pattern_type: 'stix',
    valid_from: from,
    ...(until === null ? {} : { valid_until: until }),
    revoked: false,
    ...(marking === '' ? {} : { object_marking_refs: [marking] }),
  };
  return { ...withdrawnStix(object, now, 'revoke-and-end') };
}

import type { IndicatorKey } from '../../indicators/indicator.ts';
import { openCtiIndicatorId } from '../../indicators/stix-ids.ts';
import { stixPattern } from '../../indicators/stix-observable.ts';
import { openCtiExtensions } from '../../indicators/stix-opencti.ts';
import { type Producer, producerId } from '../../indicators/stix-producer.ts';
import { withdrawnStix } from '../../indicators/withdrawn-stix.ts';
import type { ShownIndicator } from './shown-indicator.ts';

/**
 * What ends an indicator that OpenCTI shows. `valid_until` has come, since `revoked` alone is not heeded; the score is 0, since under a
 * decay rule an update with any score that was set before changes neither; what a platform would replace is sent as it is there. (Source:
 * OpenCTI, modules/indicator/indicator-utils.)
 */
export function endOf(shown: ShownIndicator, { type, value }: IndicatorKey, producer: Producer, at: Date) {
  const pattern = stixPattern({ type, value });
  const now = at.toISOString();
  const created = new Date(Math.min(shown.created ?? at.getTime(), at.getTime())).toISOString();
  const labels = (shown.objectLabel ?? []).flatMap(({ value: label }) => label ?? []);
  const markings = (shown.objectMarking ?? []).map(({ standard_id: id }) => id);
  const held = {
    type: 'indicator',
    spec_version: '2.1',
    id: openCtiIndicatorId(pattern),
    created_by_ref: producerId(producer),
    created,
    modified: created,
    name: shown.name,
    ...(shown.indicator_types.length === 0 ? {} : { indicator_types: shown.indicator_types }),
    pattern,
    pattern_type: 'stix',
    // It may not end before it begins, and OpenCTI counts whole seconds in places.
    valid_from: new Date(Math.min(shown.valid_from ?? at.getTime(), at.getTime() - 1_000)).toISOString(),
    ...(labels.length === 0 ? {} : { labels }),
    ...(markings.length === 0 ? {} : { object_marking_refs: markings }),
    extensions: openCtiExtensions(type, 0),
  };
  return withdrawnStix(held, now, 'revoke-and-end');
}

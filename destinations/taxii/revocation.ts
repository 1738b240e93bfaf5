import { stixTime } from '../../indicators/stix-time.ts';
import { withdrawnStix } from '../../indicators/withdrawn-stix.ts';
import { instantOf } from './content.ts';
import type { ShownObject } from './read-objects.ts';
import { type Standing, versionOf } from './standing.ts';

/**
 * The version that revokes an object and ends it, later than all that are there: as we have written it, but for what a server makes of instants
 * and of `spec_version` (OpenTAXII).
 */
export function revocationOf(own: ShownObject, standing: Standing, now: Date): ShownObject {
  const created = timeIn(own, 'created') ?? versionOf(standing);
  const until = timeIn(own, 'valid_until');
  const held = {
    ...own,
    type: 'indicator',
    spec_version: '2.1',
    created,
    modified: versionOf(standing),
    valid_from: timeIn(own, 'valid_from') ?? created,
    ...(until === null ? {} : { valid_until: until }),
    revoked: false,
  };
  return withdrawnStix(held, now.toISOString(), 'revoke-and-end');
}

function timeIn(object: ShownObject, name: string): string | null {
  const at = instantOf(object[name]);
  return at === null ? null : stixTime(new Date(at).toISOString());
}

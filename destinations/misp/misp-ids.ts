import { createHash } from 'node:crypto';
import type { IndicatorKey } from '../../indicators/indicator.ts';
import { stixNamespace } from '../../indicators/stix-ids.ts';
import { uuidV5 } from '../../indicators/uuid-v5.ts';

/** The uuids of what is ours in a MISP: always the same ones. Its versions go up to 5. (Source: CakePHP 2, Validation::uuid.) */
export interface MispIds {
  /** Of the attribute of an indicator, whatever event it is in. */
  attribute(key: IndicatorKey): string;
  /** Of the event that an indicator is at home in. */
  event(key: IndicatorKey): string;
}

/** Another number of events gives other events, so that those that are too full are left behind; the attributes' uuids stay. */
export function mispIds(deployment: string, events: number): MispIds {
  const namespace = stixNamespace(`misp ${deployment}`);
  return {
    attribute: ({ type, value }) => uuidV5(namespace, JSON.stringify({ type, value })),
    event: (key) => uuidV5(namespace, JSON.stringify({ events, bucket: bucketOf(key, events) })),
  };
}

function bucketOf({ type, value }: IndicatorKey, events: number): number {
  return (
    createHash('sha256')
      .update(JSON.stringify([type, value]))
      .digest()
      .readUInt32BE() % events
  );
}

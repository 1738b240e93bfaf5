import { createHash } from 'node:crypto';
import type { IndicatorKey } from '../../indicators/indicator.ts';
import { stixNamespace } from '../../indicators/stix-ids.ts';
import { uuidV5 } from '../../indicators/uuid-v5.ts';
import type { MispSettings } from './misp-settings.ts';

/** The uuids of what is ours in a MISP: always the same ones. Its versions go up to 5. (Source: CakePHP 2, Validation::uuid.) */
export interface MispIds {
  /** Of the attribute of an indicator that is new there, whatever event it is in. */
  attribute(key: IndicatorKey): string;
  /** Of the event that an indicator is at home in. */
  event(key: IndicatorKey): string;
  /** Of all events that there may be. */
  events(): readonly string[];
}

type Audience = Pick<MispSettings, 'distribution' | 'sharingGroup'>;

/**
 * Another number of events gives other events, so that those that are too full are left behind; the attributes' uuids stay. Whom an event
 * is for is settled when it is made: what is for others has events, and attributes, of its own.
 */
export function mispIds(
  deployment: string,
  { events, ...audience }: Pick<MispSettings, 'events' | keyof Audience>,
): MispIds {
  const namespace = stixNamespace(`misp ${deployment} for ${audienceOf(audience)}`);
  const inBucket = (bucket: number): string => uuidV5(namespace, JSON.stringify({ events, bucket }));
  return {
    attribute: ({ type, value }) => uuidV5(namespace, JSON.stringify({ type, value })),
    event: (key) => inBucket(bucketOf(key, events)),
    events: () => Array.from({ length: events }, (_, bucket) => inBucket(bucket)),
  };
}

export function audienceOf({ distribution, sharingGroup }: Audience): string {
  return sharingGroup === undefined ? distribution : `${distribution} ${sharingGroup}`;
}

function bucketOf({ type, value }: IndicatorKey, events: number): number {
  return (
    createHash('sha256')
      .update(JSON.stringify([type, value]))
      .digest()
      .readUInt32BE() % events
  );
}

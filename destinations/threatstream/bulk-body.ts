import type { Shipment } from '../destination.ts';
import { OUR_TAG } from '../threatstream-csv/tags.ts';
import { fitted } from '../unfit.ts';
import { expirationTs } from './expiration.ts';
import { contentOf, type ShippedItem } from './shipment-content.ts';
import type { ResolvedSettings } from './threatstream-settings.ts';
import { wireTags } from './wire-tags.ts';

const VALUE_KEY = { ip: 'srcip', ipv6: 'srcip', domain: 'domain', url: 'url', email: 'email', md5: 'md5' } as const;

/**
 * The JSON of a write without approval. What we know our observables by, our tag, is among each object's own tags, so that it is held
 * whether those are added to the tags of `meta` or replace them (UNCONFIRMED). `Rejected` when it cannot be made.
 */
export function bulkBody(shipment: Shipment, settings: ResolvedSettings, sentAt: Date): string {
  return fitted(() => bodyOf(shipment, settings, sentAt));
}

function bodyOf(shipment: Shipment, settings: ResolvedSettings, sentAt: Date): string {
  const { items } = contentOf(shipment);
  return JSON.stringify({
    objects: items.map((item) => objectOf(item, settings, sentAt)),
    meta: {
      // Left out, it would be public.
      classification: settings.visibility,
      // Without it, confidence is ignored for addresses, domains and URLs.
      source_confidence_weight: 100,
      allow_unresolved: settings.allowUnresolved,
      tags: wireTags([OUR_TAG], settings),
      ...(settings.trustedCircles.length === 0 ? {} : { trustedcircles: settings.trustedCircles }),
    },
  });
}

/** An attribute of the object wins over that of `meta`. (Source: ThreatStream's API reference.) */
function objectOf(
  { value, form }: ShippedItem,
  settings: ResolvedSettings,
  sentAt: Date,
): Readonly<Record<string, unknown>> {
  const { kind, itype, confidence, severity, tags, expiration } = form;
  return {
    [VALUE_KEY[kind]]: value,
    itype,
    confidence,
    ...(severity === null ? {} : { severity }),
    expiration_ts: expirationTs(expiration, sentAt),
    source: settings.intelligenceSource,
    tags: wireTags(tags, settings),
  };
}

import type { Shipment } from '../destination.ts';
import { fitted } from '../unfit.ts';
import { expirationTs } from './expiration.ts';
import { contentOf, type ShippedItem } from './shipment-content.ts';
import { OUR_TAG, openMarker } from './tags.ts';
import type { ResolvedSettings } from './threatstream-settings.ts';
import { wireTags } from './wire-tags.ts';

const VALUE_KEY = { ip: 'srcip', ipv6: 'srcip', domain: 'domain', url: 'url', email: 'email', md5: 'md5' } as const;

/**
 * The JSON of a write without approval. What we know our observables by, our tag and the shipment's, is among each object's own tags,
 * so that it is held whether those are added to the tags of `meta` or replace them (UNCONFIRMED). `Rejected` when it cannot be made.
 */
export function bulkBody(shipment: Shipment, settings: ResolvedSettings, sentAt: Date): string {
  return fitted(() => bodyOf(shipment, settings, sentAt));
}

function bodyOf(shipment: Shipment, settings: ResolvedSettings, sentAt: Date): string {
  const { items, shared } = contentOf(shipment);
  const marker = openMarker(shipment.marker);
  return JSON.stringify({
    objects: items.map((item) => objectOf(item, settings.intelligenceSource, marker)),
    meta: {
      // Left out, it would be public.
      classification: settings.visibility,
      // Without it, confidence is ignored for addresses, domains and URLs.
      source_confidence_weight: 100,
      allow_unresolved: settings.allowUnresolved,
      expiration_ts: expirationTs(shared.expiration, sentAt),
      tags: wireTags([OUR_TAG], shared.tlp),
      ...(settings.trustedCircles.length === 0 ? {} : { trustedcircles: settings.trustedCircles }),
    },
  });
}

function objectOf({ value, form }: ShippedItem, source: string, marker: string): Readonly<Record<string, unknown>> {
  const { kind, itype, confidence, severity, tags } = form;
  return { [VALUE_KEY[kind]]: value, itype, confidence, severity, source, tags: [...tags, marker] };
}

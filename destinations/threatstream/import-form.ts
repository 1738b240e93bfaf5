import type { Shipment } from '../destination.ts';
import { fitted } from '../unfit.ts';
import { expirationTs } from './expiration.ts';
import { contentOf, type ShippedItem } from './shipment-content.ts';
import type { ResolvedSettings } from './threatstream-settings.ts';
import { wireMarker, wireTags } from './wire-tags.ts';

const MAPPING = {
  ip: 'ip_mapping',
  ipv6: 'ip_mapping',
  domain: 'domain_mapping',
  url: 'url_mapping',
  email: 'email_mapping',
  md5: 'md5_mapping',
} as const;

/** The form of an import with approval, urlencoded: one session for the whole shipment. `Rejected` when it cannot be made. */
export function importForm(shipment: Shipment, settings: ResolvedSettings, sentAt: Date): string {
  return fitted(() => formOf(shipment, settings, sentAt));
}

function formOf(shipment: Shipment, settings: ResolvedSettings, sentAt: Date): string {
  const { items, shared } = contentOf(shipment);
  const fields = new URLSearchParams({
    datatext: items.map(({ value }) => value).join('\n'),
    classification: settings.visibility,
    threat_type: shared.threatType,
    severity: shared.severity,
    confidence: String(shared.confidence),
    // Both are needed, or ThreatStream takes its own figure.
    source_confidence_weight: '100',
    can_override_confidence: 'true',
    expiration_ts: expirationTs(shared.expiration, sentAt),
    tags: JSON.stringify([...wireTags(shared.tags, shared.tlp), wireMarker(shipment.marker)]),
    intelligence_source: settings.intelligenceSource,
    reject_benign: String(settings.rejectBenign),
    default_state: settings.approval === 'automatic' ? 'active' : 'inactive',
    ...mappings(items),
  });
  if (shared.tlp !== null) fields.set('tlp', shared.tlp);
  if (settings.trustedCircles.length > 0) fields.set('trustedcircles', settings.trustedCircles.join(','));
  return fields.toString();
}

function mappings(items: readonly ShippedItem[]): Readonly<Record<string, string>> {
  return Object.fromEntries(items.map(({ form }) => [MAPPING[form.kind], form.itype]));
}

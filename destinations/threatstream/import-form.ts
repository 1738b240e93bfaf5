import type { Shipment } from '../destination.ts';
import { csvFile } from '../threatstream-csv/csv-file.ts';
import { fitted } from '../unfit.ts';
import { latest } from './expiration.ts';
import { fileStem } from './file-name.ts';
import { multipart } from './multipart.ts';
import { routeOf } from './render.ts';
import { contentOf, type ShippedItem } from './shipment-content.ts';
import type { ResolvedSettings } from './threatstream-settings.ts';
import { wireTags } from './wire-tags.ts';

const MAPPING = {
  ip: 'ip_mapping',
  ipv6: 'ip_mapping',
  domain: 'domain_mapping',
  url: 'url_mapping',
  email: 'email_mapping',
  md5: 'md5_mapping',
} as const;

/**
 * The form of an import with approval: one session for the whole shipment, with a file whose name is the shipment's, so that a lost
 * acknowledgement can be found. `Rejected` when it cannot be made.
 */
export function importForm(
  shipment: Shipment,
  settings: ResolvedSettings,
  sentAt: Date,
): { readonly type: string; readonly text: string } {
  return fitted(() => formOf(shipment, settings, sentAt));
}

function formOf(shipment: Shipment, settings: ResolvedSettings, sentAt: Date): ReturnType<typeof importForm> {
  const { items, shared } = contentOf(shipment);
  const isText = items.some(({ value }) => routeOf(value, settings) === 'text');
  const fields = {
    classification: settings.visibility,
    threat_type: shared.threatType,
    // Of several, the one that claims least, and the end that cuts none short.
    confidence: String(Math.min(...items.map(({ form }) => form.confidence))),
    expiration_ts: latest(
      items.map(({ form }) => form.expiration),
      sentAt,
    ),
    ...(shared.severity === null ? {} : { severity: shared.severity }),
    // Both are needed, or ThreatStream takes its own figure.
    source_confidence_weight: '100',
    can_override_confidence: 'true',
    intelligence_source: settings.intelligenceSource,
    reject_benign: String(settings.rejectBenign),
    // Left out, it is ready for review. (Source: ThreatStream's API reference.)
    ...(settings.approval === 'automatic' ? { default_state: 'active' } : {}),
    ...(settings.trustedCircles.length === 0 ? {} : { trustedcircles: settings.trustedCircles.join(',') }),
  };
  const stem = fileStem(shipment.name);
  if (!isText) {
    const text = csvFile(
      items.map(({ value, form }) => ({ value, ...form })),
      settings.visibility === 'public',
    );
    return multipart(fields, { name: 'file', fileName: `${stem}.csv`, type: 'text/csv', text });
  }
  requireOneForm(items);
  const shown = {
    ...mappings(items),
    tags: JSON.stringify(wireTags(shared.tags, settings)),
    ...(shared.tlp === null ? {} : { tlp: shared.tlp }),
  };
  const text = items.map(({ value }) => `${value}\r\n`).join('');
  return multipart({ ...fields, ...shown }, { name: 'file', fileName: `${stem}.txt`, type: 'text/plain', text });
}

/** What was planned as a CSV, when the settings were others, is divided until each text has one form for all. */
function requireOneForm(items: readonly ShippedItem[]): void {
  const forms = new Set(
    items.map(({ form: { itype, kind, tags, tlp } }) => JSON.stringify([itype.replace(`_${kind}`, ''), tags, tlp])),
  );
  if (forms.size > 1) throw new TypeError('A text has one form for all its values.');
}

function mappings(items: readonly ShippedItem[]): Readonly<Record<string, string>> {
  return Object.fromEntries(items.map(({ form }) => [MAPPING[form.kind], form.itype]));
}

import type { IndicatorKey } from '../../indicators/indicator.ts';
import { isReservedHost } from '../../indicators/reserved-host.ts';
import { excerpt } from '../../indicators/storable-text.ts';
import { canonicalUntyped } from '../../indicators/untyped.ts';
import { hostOf } from '../../indicators/url.ts';

/** One value of a list, and what can be known of it without asking anybody. */
export type ListedValue = {
  /** Its line in the list, from 1 on. */
  readonly line: number;
  /** As it stands there; cut off when it is longer than anything of use. */
  readonly written: string;
} & (
  | { readonly kind: 'host'; readonly key: IndicatorKey; readonly host: string }
  /** Its host is nobody's, or only somebody's own: it is not asked for. */
  | { readonly kind: 'reserved'; readonly key: IndicatorKey; readonly host: string }
  | { readonly kind: 'hash'; readonly key: IndicatorKey }
  /** Neither; `reason` says nothing of the text. */
  | { readonly kind: 'none'; readonly reason: string }
);

const LONGEST_SHOWN = 8_192;

export function listedValue(line: number, text: string): ListedValue {
  const written = excerpt(text, LONGEST_SHOWN);
  const canonical = canonicalUntyped(text);
  if (!canonical.ok) return { line, written, kind: 'none', reason: canonical.reason };
  const { key } = canonical;
  const host = hostOf(key);
  if (host === null) return { line, written, kind: 'hash', key };
  return { line, written, kind: isReservedHost(host) ? 'reserved' : 'host', key, host: host.value };
}

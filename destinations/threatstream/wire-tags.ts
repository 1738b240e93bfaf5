import type { Tlp } from '../../indicators/indicator.ts';

export interface WireTag {
  readonly name: string;
  readonly tlp: Tlp;
}

/** Seen by the own organisation only. */
const OWN_ONLY: Tlp = 'red';

/** Tags with their marking: the indicator's TLP, or the strictest where it has none. */
export function wireTags(names: readonly string[], tlp: Tlp | null): readonly WireTag[] {
  return names.map((name) => ({ name, tlp: tlp ?? OWN_ONLY }));
}

/** The tag that names a shipment is nobody else's business. */
export function wireMarker(marker: string): WireTag {
  return { name: marker, tlp: OWN_ONLY };
}

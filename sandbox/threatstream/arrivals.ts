import type { ThreatStreamFaults } from './threatstream-faults.ts';
import { isInShare } from './value-share.ts';

/** Why a value is rejected when it arrives; null when it is not. */
export function refusalOf(value: string, rejectBenign: boolean, faults: ThreatStreamFaults): string | null {
  if (faults.rejectValues.some((part) => value.includes(part))) return 'Invalid observable';
  return rejectBenign && faults.benign.includes(value) ? 'Benign observable' : null;
}

/** Whether a value is accepted and never appears. */
export function isDropped(value: string, faults: ThreatStreamFaults): boolean {
  return isInShare('dropped', value, faults.silentDrops);
}

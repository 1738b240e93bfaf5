import type { Deliverable } from '../../destinations/destination.ts';
import type { Facts, IndicatorType } from '../../indicators/indicator.ts';
import type { Verdict } from '../../indicators/reputation.ts';

const FACTS: Facts = {
  threat: 'malware',
  confidence: 80,
  validFrom: '2026-11-01T00:00:00.0000000Z',
  validUntil: '2027-01-10T08:30:00.0000000Z',
  tlp: 'amber',
  tags: ['activitygroup:storm-0000', 'type:ipv4'],
  description: null,
  ended: null,
};

/** An indicator that is to be delivered, malware with a confidence of 80 unless it says otherwise. */
export function deliverable(
  id: number,
  type: IndicatorType,
  value: string,
  { verdict = { kind: 'not-a-host' }, ...facts }: Partial<Facts> & { readonly verdict?: Verdict } = {},
): Deliverable {
  return {
    id,
    indicator: {
      key: { type, value },
      facts: { ...FACTS, ...facts },
      sources: ['Microsoft Defender Threat Intelligence'],
    },
    verdict,
  };
}

/** One indicator of each type. */
export function oneOfEach(): Deliverable[] {
  return [
    deliverable(1, 'ipv4', '198.51.100.1'),
    deliverable(2, 'ipv6', '2001:db8::1'),
    deliverable(3, 'domain', 'evil.example.com'),
    deliverable(4, 'url', "http://evil.example.com/a,b?c='d'"),
    deliverable(5, 'md5', 'd41d8cd98f00b204e9800998ecf8427e'),
    deliverable(6, 'sha1', 'da39a3ee5e6b4b0d3255bfef95601890afd80709'),
    deliverable(7, 'sha256', 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855'),
    deliverable(8, 'email', 'evil@example.com'),
  ];
}

/** Many domains that can share requests. */
export function domains(count: number, facts: Partial<Facts> = {}): Deliverable[] {
  return Array.from({ length: count }, (_, index) =>
    deliverable(index + 1, 'domain', `host${index}.example.com`, facts),
  );
}

import type { IndicatorType } from '../../indicators/indicator.ts';

interface AttributeType {
  readonly type: string;
  readonly category: string;
}

const NETWORK = 'Network activity';
const PAYLOAD = 'Payload delivery';

/** What MISP calls a type of indicator. (Source: MISP 2.5, describeTypes.json.) */
export const ATTRIBUTE_TYPES: Readonly<Record<IndicatorType, AttributeType>> = {
  ipv4: { type: 'ip-dst', category: NETWORK },
  ipv6: { type: 'ip-dst', category: NETWORK },
  domain: { type: 'domain', category: NETWORK },
  url: { type: 'url', category: NETWORK },
  md5: { type: 'md5', category: PAYLOAD },
  sha1: { type: 'sha1', category: PAYLOAD },
  sha256: { type: 'sha256', category: PAYLOAD },
  email: { type: 'email-src', category: PAYLOAD },
};

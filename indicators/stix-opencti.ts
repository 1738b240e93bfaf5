import type { IndicatorType } from './indicator.ts';

/** OpenCTI's extension of indicators. (Source: OpenCTI.) */
const EXTENSION = 'extension-definition--ea279b3e-5c71-4632-ac08-831c66a786ba';

/** What OpenCTI calls the observable of an indicator, which without it is of type `Unknown`. */
export const OPENCTI_TYPES: Readonly<Record<IndicatorType, string>> = {
  ipv4: 'IPv4-Addr',
  ipv6: 'IPv6-Addr',
  domain: 'Domain-Name',
  url: 'Url',
  email: 'Email-Addr',
  md5: 'StixFile',
  sha1: 'StixFile',
  sha256: 'StixFile',
};

interface OpenCtiExtension {
  readonly extension_type: 'property-extension';
  readonly score?: number;
  readonly main_observable_type: string;
}

/** `extensions` of an indicator for OpenCTI: its score, null where nobody says one, and the observable's type. */
export function openCtiExtensions(
  type: IndicatorType,
  score: number | null,
): Readonly<Record<string, OpenCtiExtension>> {
  return {
    [EXTENSION]: {
      extension_type: 'property-extension',
      ...(score === null ? {} : { score }),
      main_observable_type: OPENCTI_TYPES[type],
    },
  };
}

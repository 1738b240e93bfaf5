import type { IndicatorKey } from './indicator.ts';

/** Content that says nothing of whoever has it, by the hashes of it. A test computes them anew. */
const HASHES: readonly (readonly [content: string, hashes: readonly string[]])[] = [
  [
    'no content at all',
    [
      'd41d8cd98f00b204e9800998ecf8427e',
      'da39a3ee5e6b4b0d3255bfef95601890afd80709',
      'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
    ],
  ],
  [
    'a single line feed',
    [
      '68b329da9893e34099c7d8ad5cb9c940',
      'adc83b19e793491b1c6ea0fd8b46cd9f32e592fc',
      '01ba4719c80b6fe911b091a7c05124b64eeece964e09c058ef8f9805daca546b',
    ],
  ],
  [
    'a single carriage return and line feed',
    [
      '81051bcc2cf1bedf378224b0a93e2877',
      'ba8ab5a0280b953aa97435ff8946cbcbb2755a27',
      '7eb70257593da06f682a3ddda54a9d260d4fc514f645237f5ca74b08f8da61a6',
    ],
  ],
  [
    'a single blank',
    [
      '7215ee9c7d9dc229d2921a40e899ec5f',
      'b858cb282617fb0956d960215c8e84d1ccf909c6',
      '36a9e7f1c95b82ffb99743e0c5c4ce95d83c9a430aac59f84ef3cbfab6145068',
    ],
  ],
  [
    'a single zero byte',
    [
      '93b885adfe0da089cdf634904fd59f71',
      '5ba93c9db0cff93f52b521d7420e43f6eda2784f',
      '6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d',
    ],
  ],
];

const BY_HASH: ReadonlyMap<string, string> = new Map(
  HASHES.flatMap(([content, hashes]) => hashes.map((hash) => [hash, content] as const)),
);

/** What a hash is the hash of, when that is a file of nothing: `no content at all`; null for any other. */
export function emptyContent({ type, value }: IndicatorKey): string | null {
  return type === 'md5' || type === 'sha1' || type === 'sha256' ? (BY_HASH.get(value) ?? null) : null;
}

import { textValue } from '../../destinations/threatstream/text-value.ts';
import type { Troubles } from './contract.ts';
import { readerOf } from './dropped-files.ts';

/** Of each kind, what of its stand-in goes wrong in the contract's ways. */
export const TROUBLES: Readonly<Record<string, readonly Troubles[]>> = {
  file: [{ poison: () => ({}), judge: readerOf }],
  misp: [
    {
      poison: (values) => ({ filtered: [...values] }),
      shownAs: (value) => value.replaceAll(/[\u{10000}-\u{10ffff}]/gu, '?'),
      tooLarge: { mostAttributes: 1 },
    },
  ],
  opencti: [{}, { decay: {} }].map((ways) => ({
    ways,
    poison: (values) => ({ excluded: [...values] }),
    late: { ingestAfterRequests: 4 },
  })),
  'sentinel-upload': [
    {
      poison: (values) => ({ invalidValues: [...values] }),
      late: { ingestionLagMs: 500 },
      acknowledgesWithNothing: true,
    },
  ],
  taxii: (['medallion', 'opentaxii'] as const).map((duplicates) => ({
    ways: { duplicates },
    poison: (values) => ({ poison: [...values] }),
    late: { appearsAfterRequests: 3 },
    tooLarge: { proxyBodyLimit: 5_000 },
  })),
  threatstream: [
    {
      poison: (values) => ({ rejectValues: [...values] }),
      shownAs: (value) => (value.includes('%') ? textValue(value) : value),
      approve: ({ sandbox }) => void sandbox.tips.threatstream.review({ decision: 'approve' }),
    },
  ],
};

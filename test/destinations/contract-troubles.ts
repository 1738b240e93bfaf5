import { textValue } from '../../destinations/threatstream/text-value.ts';
import type { Troubles } from './contract.ts';
import { readerOf } from './dropped-files.ts';

/** Of each kind, what of its stand-in goes wrong in the contract's ways. */
export const TROUBLES: Readonly<Record<string, Troubles>> = {
  file: { poison: () => ({}), judge: readerOf },
  misp: {
    poison: (value) => ({ filtered: [value] }),
    shownAs: (value) => value.replaceAll(/[\u{10000}-\u{10ffff}]/gu, '?'),
    tooLarge: { mostAttributes: 1 },
  },
  'sentinel-upload': {
    poison: (value) => ({ invalidValues: [value] }),
    late: { ingestionLagMs: 500 },
  },
  threatstream: {
    poison: (value) => ({ rejectValues: [value] }),
    shownAs: (value) => (value.includes('%') ? textValue(value) : value),
    approve: ({ sandbox }) => void sandbox.tips.threatstream.review({ decision: 'approve' }),
  },
};

import { textValue } from '../../destinations/threatstream/text-value.ts';
import type { Troubles } from './contract.ts';

/** Of each kind, what of its stand-in goes wrong in the contract's ways. */
export const TROUBLES: Readonly<Record<string, Troubles>> = {
  threatstream: {
    poison: (value) => ({ rejectValues: [value] }),
    shownAs: (value) => (value.includes('%') ? textValue(value) : value),
    approve: ({ sandbox }) => void sandbox.tips.threatstream.review({ decision: 'approve' }),
  },
};

import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Fault } from '../../indicators/fault.ts';
import { excerpt, storableText } from '../../indicators/storable-text.ts';
import { oddText } from './arbitraries.ts';

const isStorable = (text: string): boolean => !/[\0\p{Cs}]/u.test(text);

describe('a storable text', () => {
  it('has nothing that a place cannot hold, and all else', () => {
    fc.assert(
      fc.property(oddText, (text) => {
        const stored = storableText(text);
        expect(isStorable(stored)).toBe(true);
        expect(stored).toHaveLength(text.length);
        if (isStorable(text)) expect(stored).toBe(text);
      }),
    );
  });

  it('is never cut within a pair', () => {
    fc.assert(
      fc.property(oddText, fc.nat(50), (text, longest) => {
        const cut = excerpt(text, longest);
        expect(isStorable(cut)).toBe(true);
        expect(cut.length).toBeLessThanOrEqual(longest);
        expect(storableText(text).startsWith(cut)).toBe(true);
      }),
    );
    expect(excerpt('a😀b', 2)).toBe('a');
    expect(excerpt('a😀b', 3)).toBe('a😀');
  });

  it('is the sentence of a fault, whatever it quotes', () => {
    expect(new Fault('Rejected', 'It said \0\uD83D.').message).toBe('It said \uFFFD\uFFFD.');
  });
});

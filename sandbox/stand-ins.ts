import type { z } from 'zod';
import type { Given } from './stand-in.ts';
import { THREATSTREAM_STAND_IN } from './threatstream/threatstream-stand-in.ts';

// The stand-ins of TIPs: each has its line in the lists, whose types keep its faults and its controls apart from those of others.

const STAND_INS = {
  threatstream: THREATSTREAM_STAND_IN,
} as const;

export type TipName = keyof typeof STAND_INS;

/** Their faults, all off. */
export const TIP_FAULTS = {
  threatstream: STAND_INS.threatstream.faults.prefault({}),
} as const;

export type TipFaults = { readonly [Name in TipName]: z.output<(typeof TIP_FAULTS)[Name]> };

/** All of them, open. */
export function openTips(faults: () => TipFaults, given: (name: TipName) => Omit<Given<unknown>, 'faults'>) {
  return {
    threatstream: STAND_INS.threatstream.open({ ...given('threatstream'), faults: () => faults().threatstream }),
  } as const;
}

export type Tips = ReturnType<typeof openTips>;

export function ofEachTip<T>(what: (name: TipName) => T): Readonly<Record<TipName, T>> {
  return {
    threatstream: what('threatstream'),
  };
}

/** What a client signs in with. */
export function credentialsOf(name: TipName): Readonly<Record<string, string>> {
  return STAND_INS[name].credentials;
}

import type { z } from 'zod';
import { MISP_STAND_IN } from './misp/misp-stand-in.ts';
import { OPENCTI_STAND_IN } from './opencti/opencti-stand-in.ts';
import { SENTINEL_UPLOAD_STAND_IN } from './sentinel-upload/sentinel-upload-stand-in.ts';
import type { Given } from './stand-in.ts';
import { TAXII_STAND_IN } from './taxii/taxii-stand-in.ts';
import { THREATSTREAM_STAND_IN } from './threatstream/threatstream-stand-in.ts';

// The stand-ins of TIPs: each has its line in the lists, whose types keep its faults and its controls apart from those of others.

const STAND_INS = {
  threatstream: THREATSTREAM_STAND_IN,
  taxii: TAXII_STAND_IN,
  opencti: OPENCTI_STAND_IN,
  misp: MISP_STAND_IN,
  'sentinel-upload': SENTINEL_UPLOAD_STAND_IN,
} as const;

export type TipName = keyof typeof STAND_INS;

/** Their faults, all off. */
export const TIP_FAULTS = {
  threatstream: STAND_INS.threatstream.faults.prefault({}),
  taxii: STAND_INS.taxii.faults.prefault({}),
  opencti: STAND_INS.opencti.faults.prefault({}),
  misp: STAND_INS.misp.faults.prefault({}),
  'sentinel-upload': STAND_INS['sentinel-upload'].faults.prefault({}),
} as const;

export type TipFaults = { readonly [Name in TipName]: z.output<(typeof TIP_FAULTS)[Name]> };

/** All of them, open. */
export function openTips(faults: () => TipFaults, given: (name: TipName) => Omit<Given<unknown>, 'faults'>) {
  return {
    threatstream: STAND_INS.threatstream.open({ ...given('threatstream'), faults: () => faults().threatstream }),
    taxii: STAND_INS.taxii.open({ ...given('taxii'), faults: () => faults().taxii }),
    opencti: STAND_INS.opencti.open({ ...given('opencti'), faults: () => faults().opencti }),
    misp: STAND_INS.misp.open({ ...given('misp'), faults: () => faults().misp }),
    'sentinel-upload': STAND_INS['sentinel-upload'].open({
      ...given('sentinel-upload'),
      faults: () => faults()['sentinel-upload'],
    }),
  } as const;
}

export type Tips = ReturnType<typeof openTips>;

export function ofEachTip<T>(what: (name: TipName) => T): Readonly<Record<TipName, T>> {
  return {
    threatstream: what('threatstream'),
    taxii: what('taxii'),
    opencti: what('opencti'),
    misp: what('misp'),
    'sentinel-upload': what('sentinel-upload'),
  };
}

/** What a client signs in with. */
export function credentialsOf(name: TipName): Readonly<Record<string, string>> {
  return STAND_INS[name].credentials;
}

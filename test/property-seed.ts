import * as fc from 'fast-check';

const { PROPERTY_SEED } = process.env;

// The same cases at every change; `PROPERTY_SEED=7 npm test` tries others.
fc.configureGlobal({ seed: Number(PROPERTY_SEED ?? 20_261_129) });

import { KINDS } from '../../destinations/kinds.ts';
import { contract } from './contract.ts';
import { TROUBLES } from './contract-troubles.ts';

for (const kind of KINDS) {
  const troubles = TROUBLES[kind.type];
  if (troubles === undefined) throw new Error(`Nobody has said what goes wrong at ${kind.type}: contract-troubles.ts.`);
  for (const [place, each] of troubles.entries()) contract(kind, each, place === 0);
}

import { z } from 'zod';
import * as registry from './registry.ts';

/** Those that are stable first, then by their types. */
export const KINDS = Object.values(registry).toSorted(
  (a, b) => rank(a.stability) - rank(b.stability) || (a.type < b.type ? -1 : 1),
);

const [first, ...others] = KINDS;
if (first === undefined) throw new Error('The registry has no kind of destination.');

/** What is taken where nobody chooses. */
export const DEFAULT_KIND = first;

/** `pipelines.<name>.destination` of the configuration: the settings of one of them. */
export const destinationSection = z.discriminatedUnion('type', [
  first.section,
  ...others.map(({ section }) => section),
]);

function rank(stability: 'stable' | 'beta'): number {
  return stability === 'stable' ? 0 : 1;
}

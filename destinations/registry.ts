import { z } from 'zod';
import { threatstream } from './threatstream/index.ts';

/** The kinds of destination: one line each. */
export const KINDS = [threatstream] as const;

const [first, ...others] = KINDS;

/** `pipelines.<name>.destination` of the configuration: the settings of one of them. */
export const destinationSection = z.discriminatedUnion('type', [
  first.section,
  ...others.map(({ section }) => section),
]);

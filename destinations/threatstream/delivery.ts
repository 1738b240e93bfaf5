import type { Destination } from '../destination.ts';

/** One of the two ways in: what they share is elsewhere. */
export type Delivery = Pick<Destination, 'send' | 'find' | 'confirm'>;

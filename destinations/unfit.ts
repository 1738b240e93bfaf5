import { Fault } from '../indicators/fault.ts';

/** Why an item is rejected that could not be put into the destination's form. Names the kind of error alone: its text may quote a value. */
export function unfitReason(error: unknown): string {
  return `cannot be put into the destination's form (${error instanceof Error ? error.name : typeof error})`;
}

/**
 * Puts a request into the destination's form. What goes wrong in that is the matter of an item, not of the destination: `Rejected`, so that
 * the request is taken apart until the item to blame stands alone.
 */
export function fitted<T>(build: () => T): T {
  try {
    return build();
  } catch (error) {
    throw new Fault('Rejected', `A request ${unfitReason(error)}.`, { cause: error });
  }
}

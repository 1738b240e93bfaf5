import { Fault } from '../indicators/fault.ts';
import { otherKind } from '../ledger/destination-kinds.ts';
import type { Parts, Pipeline } from './parts.ts';

/** What one TIP holds is nothing that another one could be asked to change or to give up, and what has been delivered is not delivered again. */
export async function refuseOtherKind(
  { ledger }: Pick<Parts, 'ledger'>,
  { name, destinationKind }: Pipeline,
): Promise<void> {
  const before = await otherKind(ledger, name, destinationKind);
  if (before === null) return;
  throw new Fault(
    'Refused',
    `pipelines.${name}.destination.type is ${destinationKind}, and what the pipeline has delivered so far is held by a destination of type ${before}: it would be missing here, and never be withdrawn there. Set the type back, and give the other destination a pipeline of its own, with another name.`,
  );
}

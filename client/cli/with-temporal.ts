import { connectTemporal, type Temporal } from '../connect.ts';
import { TemporalUnreachable } from '../temporal-errors.ts';
import { temporalFailure, unknownSearchAttribute } from '../temporal-failure.ts';
import { CommandError, EXIT } from './exit-codes.ts';

/** Connects for the length of one command. What Temporal refuses becomes a sentence. */
export async function withTemporal<T>(work: (temporal: Temporal) => Promise<T>): Promise<T> {
  const temporal = await connectTemporal();
  try {
    return await work(temporal);
  } catch (error) {
    const unreachable = temporalFailure(error, temporal);
    if (unreachable !== null) throw new TemporalUnreachable(unreachable, { cause: error });
    const unprepared = unknownSearchAttribute(error, temporal.namespace);
    throw unprepared === null ? error : new CommandError(unprepared, EXIT.failed, { cause: error });
  } finally {
    await temporal.close();
  }
}

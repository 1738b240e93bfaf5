import { connectTemporal, type Temporal } from '../connect.ts';

/** Connects for the length of one command. */
export async function withTemporal<T>(work: (temporal: Temporal) => Promise<T>): Promise<T> {
  const temporal = await connectTemporal();
  try {
    return await work(temporal);
  } finally {
    await temporal.close();
  }
}

import { Client, Connection } from '@temporalio/client';
import { loadClientConnectConfig } from '@temporalio/envconfig';

export interface Temporal {
  readonly client: Client;
  readonly connection: Connection;
  readonly address: string;
  readonly namespace: string;
  close(): Promise<void>;
}

/** Temporal could not be reached; the message is a sentence that says where and what to do. */
export class TemporalUnreachable extends Error {
  override readonly name = 'TemporalUnreachable';
}

/** Connects as every Temporal tool does: TEMPORAL_* variables and the profiles of `temporal.toml`. */
export async function connectTemporal(overrides: { readonly address?: string } = {}): Promise<Temporal> {
  const { connectionOptions, namespace = 'default' } = loadClientConnectConfig();
  const address = overrides.address ?? connectionOptions.address ?? '127.0.0.1:7233';
  let connection: Connection;
  try {
    connection = await Connection.connect({ ...connectionOptions, address, connectTimeout: '5s' });
  } catch (cause) {
    throw new TemporalUnreachable(
      `Temporal at ${address} could not be reached. Start it there, or say where it is with TEMPORAL_ADDRESS (or a profile in temporal.toml).`,
      { cause },
    );
  }
  return {
    client: new Client({ connection, namespace }),
    connection,
    address,
    namespace,
    close: () => connection.close(),
  };
}

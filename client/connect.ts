import { Client, Connection } from '@temporalio/client';
import { TemporalUnreachable } from './temporal-errors.ts';
import { temporalFailure } from './temporal-failure.ts';
import { checkAddress, type TemporalSettings, temporalSettings } from './temporal-settings.ts';
import { whyUnreachable } from './why-unreachable.ts';

export interface Temporal {
  readonly client: Client;
  readonly connection: Connection;
  readonly address: string;
  readonly namespace: string;
  close(): Promise<void>;
}

/** Connects to where the settings say, and sees that the namespace is there. Throws `TemporalUnreachable` or `TemporalMisconfigured`. */
export async function connectTemporal(
  overrides: { readonly address?: string; readonly withinMs?: number } = {},
): Promise<Temporal> {
  const known = temporalSettings();
  const address = overrides.address ?? known.address;
  checkAddress(address);
  const settings: TemporalSettings = { ...known, address, connection: { ...known.connection, address } };
  const { namespace } = settings;
  const connection = await connected(settings, overrides.withinMs ?? 5_000);
  try {
    await connection.workflowService.describeNamespace({ namespace });
  } catch (error) {
    await connection.close();
    const sentence = temporalFailure(error, settings);
    throw sentence === null ? error : new TemporalUnreachable(sentence, { cause: error });
  }
  return {
    client: new Client({ connection, namespace }),
    connection,
    address,
    namespace,
    close: () => connection.close(),
  };
}

async function connected(settings: TemporalSettings, withinMs: number): Promise<Connection> {
  try {
    return await Connection.connect({ ...settings.connection, connectTimeout: withinMs });
  } catch (error) {
    throw new TemporalUnreachable(temporalFailure(error, settings) ?? (await whyUnreachable(settings)), {
      cause: error,
    });
  }
}

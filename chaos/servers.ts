import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { postgresPrograms } from '../bench/postgres-server.ts';
import type { Scope } from '../bench/scope.ts';
import { createDatabase } from '../test/postgresql/database.ts';
import { type Postgres, startPostgres } from '../test/postgresql/start-postgres.ts';
import type { Story } from './story.ts';
import { startTemporalServer, type TemporalServer } from './temporal-server.ts';

/** What a story runs on. */
export interface StoryServers {
  readonly temporal: TemporalServer;
  /** Null: an embedded ledger. */
  readonly ledgerUrl: string | null;
  /** The PostgreSQL that is the story's own; null for one that others use too. */
  readonly postgres: Postgres | null;
}

/** The servers that stories share, started when the first one needs them; a story that stops one has its own. */
export class Servers {
  readonly #scope: Scope;
  #temporal: Promise<TemporalServer> | null = null;
  #postgres: Promise<Postgres> | null = null;
  #programs: Promise<string> | null = null;

  /** Those that are shared are gone with this scope. */
  constructor(scope: Scope) {
    this.#scope = scope;
  }

  /** What is the story's own is gone with its scope. */
  async for({ temporal, ledger }: Story, scope: Scope): Promise<StoryServers> {
    const own = ledger === 'own PostgreSQL' ? await this.#startPostgres(scope) : null;
    return {
      temporal: temporal === 'own' ? await startTemporalServer(scope) : await this.#sharedTemporal(),
      ledgerUrl: ledger === 'embedded' ? null : await freshDatabase(own ?? (await this.#sharedPostgres()), scope),
      postgres: own,
    };
  }

  #sharedTemporal(): Promise<TemporalServer> {
    this.#temporal ??= startTemporalServer(this.#scope);
    return this.#temporal;
  }

  #sharedPostgres(): Promise<Postgres> {
    this.#postgres ??= this.#startPostgres(this.#scope);
    return this.#postgres;
  }

  async #startPostgres(scope: Scope): Promise<Postgres> {
    this.#programs ??= this.#findPrograms();
    const postgres = await startPostgres({ bin: await this.#programs });
    scope.add(() => postgres.remove());
    return postgres;
  }

  async #findPrograms(): Promise<string> {
    const folder = await mkdtemp(join(tmpdir(), 'mdti-sync-chaos-postgres-'));
    this.#scope.add(() => rm(folder, { recursive: true, force: true }));
    return postgresPrograms(folder);
  }
}

async function freshDatabase({ url }: Postgres, scope: Scope): Promise<string> {
  const database = await createDatabase(url);
  scope.add(database.drop);
  return database.url;
}

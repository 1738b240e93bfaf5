import { randomBytes, randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { text } from 'node:stream/consumers';
import { z } from 'zod';
import { endWithUs } from '../../client/dev-server/end-with-us.ts';
import { createAuthority, createServerIdentity } from '../../sandbox/https/certificates.ts';
import { startJudge } from './judges.ts';

/** A TAXII 2.1 server that we did not write, on this machine, with one collection that may be read and written. */
export interface TaxiiServer {
  /** Of discovery. */
  readonly url: string;
  readonly apiRoot: string;
  /** Without `objects/`. */
  readonly collection: string;
  readonly collectionId: string;
  readonly user: string;
  readonly password: string;
  /** A bearer token, good for an hour; null where there is only Basic. */
  readonly bearer: string | null;
  /** The certificate authority, and the file that it is in. */
  readonly ca: string;
  readonly caFile: string;
  /** Ends it and deletes its data. */
  close(): Promise<void>;
}

export interface TaxiiServerOptions {
  /** Bytes of a body. */
  readonly maxContentLength?: number;
}

const ANY_LENGTH = 10_000_000;

const saidShape = z.object({
  port: z.number(),
  root: z.string(),
  collection: z.string(),
  token: z.string().optional(),
});

/** medallion 3.0.0, in memory: OASIS's own server, which reports what is there already as a failure. */
export async function startMedallion({ maxContentLength = ANY_LENGTH }: TaxiiServerOptions = {}): Promise<TaxiiServer> {
  const [root, collection] = ['api1', randomUUID()];
  return startTaxiiServer('serve_medallion.py', async (folder, { user, password }) => {
    const [data, config] = [join(folder, 'data.json'), join(folder, 'config.json')];
    const information = { title: 'The root', versions: [MEDIA_TYPE], max_content_length: maxContentLength };
    const only = {
      id: collection,
      title: 'The collection',
      can_read: true,
      can_write: true,
      media_types: ['application/stix+json;version=2.1'],
      objects: [],
      manifest: [],
    };
    await writeFile(
      data,
      JSON.stringify({
        '/discovery': { title: 'medallion', default: `/${root}/`, api_roots: [`/${root}/`] },
        [root]: { information, status: [], collections: [only] },
      }),
    );
    const backend = {
      module: 'medallion.backends.memory_backend',
      module_class: 'MemoryBackend',
      filename: data,
    };
    await writeFile(config, JSON.stringify({ backend, users: { [user]: password }, taxii: { max_page_size: 100 } }));
    return { config_file: config, root, collection };
  });
}

/** OpenTAXII 0.9.3, on SQLite: takes what is there already as a success, keeps the old of two that differ, and validates. */
export function startOpenTaxii({ maxContentLength = ANY_LENGTH }: TaxiiServerOptions = {}): Promise<TaxiiServer> {
  return startTaxiiServer('serve_opentaxii.py', async (folder, { user, password }) => ({
    user,
    password,
    config: {
      domain: 'localhost',
      auth_api: {
        class: 'opentaxii.auth.sqldb.SQLDatabaseAPI',
        parameters: {
          db_connection: `sqlite:///${join(folder, 'auth.db')}`,
          create_tables: true,
          secret: randomBytes(32).toString('hex'),
          token_ttl_secs: 3_600,
        },
      },
      taxii1: null,
      taxii2: {
        title: 'OpenTAXII',
        max_content_length: maxContentLength,
        public_discovery: false,
        persistence_api: {
          class: 'opentaxii.persistence.sqldb.Taxii2SQLDatabaseAPI',
          parameters: { db_connection: `sqlite:///${join(folder, 'data.db')}`, create_tables: true },
        },
      },
    },
  }));
}

export const MEDIA_TYPE = 'application/taxii+json;version=2.1';

interface Account {
  readonly user: string;
  readonly password: string;
}

async function startTaxiiServer(
  script: 'serve_medallion.py' | 'serve_opentaxii.py',
  prepare: (folder: string, account: Account) => Promise<Readonly<Record<string, unknown>>>,
): Promise<TaxiiServer> {
  const folder = await mkdtemp(join(tmpdir(), 'mdti-sync-taxii-'));
  const account = { user: 'writer', password: randomBytes(12).toString('hex') };
  const authority = await createAuthority();
  const { certificate, privateKey } = await createServerIdentity(authority);
  const [caFile, cert, key] = [join(folder, 'ca.pem'), join(folder, 'cert.pem'), join(folder, 'key.pem')];
  await writeFile(caFile, authority.certificate);
  await writeFile(cert, certificate);
  await writeFile(key, privateKey, { mode: 0o600 });
  const asked = join(folder, 'asked.json');
  await writeFile(asked, JSON.stringify({ ...(await prepare(folder, account)), cert, key }), { mode: 0o600 });

  const child = startJudge(script, asked);
  const release = child.pid === undefined ? () => undefined : endWithUs(child.pid);
  const ended = once(child, 'close');
  const complaints = text(child.stderr);
  const close = async (): Promise<void> => {
    release();
    child.kill();
    await ended;
    await rm(folder, { recursive: true, force: true });
  };
  const [line] = await Promise.race([once(createInterface(child.stdout), 'line'), ended.then(() => [null])]);
  if (typeof line !== 'string') {
    await close();
    throw new Error(`${script} did not start: ${await complaints}`);
  }
  const { port, root, collection, token } = saidShape.parse(JSON.parse(line));
  const base = `https://127.0.0.1:${port}/`;
  const apiRoot = script === 'serve_medallion.py' ? `${base}${root}/` : `${base}taxii2/${root}/`;
  return {
    url: `${base}taxii2/`,
    apiRoot,
    collection: `${apiRoot}collections/${collection}/`,
    collectionId: collection,
    ...account,
    bearer: token ?? null,
    ca: authority.certificate,
    caFile,
    close,
  };
}

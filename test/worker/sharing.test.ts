import { expect, test } from 'vitest';
import { resolveSecrets } from '../../config/resolve-secrets.ts';
import { sharingOf } from '../../worker/sharing.ts';
import { parsed } from '../config/small-config.ts';

const ENV = { ONE: 'one@example.com', OTHER: 'other@example.com', KEY: 'a key' };

/** Which pipelines share with `a`, of `a` and others that differ from it in their destination. */
async function sharing(own: string, others: Readonly<Record<string, string>>): Promise<readonly string[]> {
  const lines = Object.entries({ a: own, ...others }).map(
    ([name, destination]) => `  ${name}:
    schedule: { every: 15m }
    source: { workspaceId: aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee }
    destination: { ${destination.startsWith('type:') ? '' : 'type: threatstream, apiKey: { env: KEY }, '}${destination} }`,
  );
  const { config } = parsed(`azure: { credential: managedIdentity }\npipelines:\n${lines.join('\n')}\n`);
  const resolved = await resolveSecrets(config, ENV, () => Promise.reject(new Error('No file is read.')));
  if (!resolved.ok) throw new Error('The secrets are there.');
  return sharingOf('a', resolved.config.pipelines);
}

test('pipelines of one user share, and no others of the same service', async () => {
  const others = { same: 'user: { env: ONE }, approval: bypass', different: 'user: { env: OTHER }' };
  expect(await sharing('user: { env: ONE }', others)).toEqual(['same']);
});

test('where both name their organisation, it alone counts', async () => {
  const of = (user: string, organisation: number) => `user: { env: ${user} }, ownerOrganizationId: ${organisation}`;
  expect(await sharing(of('ONE', 67), { colleague: of('OTHER', 67), moved: of('ONE', 68) })).toEqual(['colleague']);
});

test('the same user at another address is another one', async () => {
  expect(
    await sharing('user: { env: ONE }', { there: 'user: { env: ONE }, baseUrl: https://tip.example.com' }),
  ).toEqual([]);
});

test('pipelines with one folder have files of their own', async () => {
  expect(await sharing('type: file, folder: /srv/out', { same: 'type: file, folder: /srv/out' })).toEqual([]);
});

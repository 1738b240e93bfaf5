import { describe, expect, test } from 'vitest';
import { resolveSecrets } from '../../config/resolve-secrets.ts';
import { sharingOf } from '../../worker/sharing.ts';
import { parsed } from '../config/small-config.ts';

const ENV = { ONE: 'one@example.com', OTHER: 'other@example.com', KEY: 'a key' };

const SOURCE = 'aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee';
const OTHER_SOURCE = 'bbbbbbbb-cccc-dddd-eeee-ffffffffffff';

/** Which pipelines share with `a`, of `a` and others that differ from it in their destination, or in what they read. */
async function sharing(
  own: string,
  others: Readonly<Record<string, string>>,
  sources: Readonly<Record<string, string>> = {},
): Promise<readonly string[]> {
  const lines = Object.entries({ a: own, ...others }).map(
    ([name, destination]) => `  ${name}:
    schedule: { every: 15m }
    source: { workspaceId: ${sources[name] ?? SOURCE} }
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

describe('pipelines that deliver to one MISP', () => {
  const misp = 'type: misp, baseUrl: https://misp.example.com, apiKey';

  test('share, whichever key they have: their attributes have the same UUIDs', async () => {
    const spelled = misp.replace('misp.example.com', 'MISP.example.com:443');
    const others = { same: `${misp}: { env: OTHER }`, spelled: `${spelled}: { env: ONE }` };
    expect(await sharing(`${misp}: { env: ONE }`, others)).toEqual(['same', 'spelled']);
  });

  test.each([SOURCE.toUpperCase(), OTHER_SOURCE])('from workspace %s, share when that is the same', async (source) => {
    const shared = await sharing(`${misp}: { env: ONE }`, { b: `${misp}: { env: ONE }` }, { b: source });
    expect(shared).toEqual(source === OTHER_SOURCE ? [] : ['b']);
  });

  test('do not share what is for others', async () => {
    expect(
      await sharing(`${misp}: { env: ONE }`, {
        all: `${misp}: { env: ONE }, distribution: all`,
        group: `${misp}: { env: ONE }, distribution: sharing-group, sharingGroup: 3`,
      }),
    ).toEqual([]);
  });
});

test('what is uploaded to one workspace from different ones has ids of its own, and is not shared', async () => {
  const upload = 'type: sentinel-upload, workspaceId: cccccccc-dddd-eeee-ffff-000000000000';
  expect(await sharing(upload, { same: upload, other: upload }, { other: OTHER_SOURCE })).toEqual(['same']);
});

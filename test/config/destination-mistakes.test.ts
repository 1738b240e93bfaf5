import { describe, expect, test } from 'vitest';
import { file } from '../../destinations/file/index.ts';
import { KINDS } from '../../destinations/kinds.ts';
import { POLICY } from '../indicators/arbitraries.ts';
import { problems, SMALL } from './small-config.ts';

/** What is wrong with a destination, as `path: message`, with what was meant. */
function mistakes(destination: object) {
  const before = SMALL.slice(0, SMALL.indexOf('    destination:'));
  const found = problems(`${before}    destination: ${JSON.stringify(destination)}\n`);
  return found.map(({ path, message, suggestion }) => ({
    path: path.replace('pipelines.threatstream.destination.', ''),
    message,
    suggestion,
  }));
}

const REF = { env: 'SECRET' };
const TAXII = { type: 'taxii', apiRoot: 'https://taxii.example.com/api1', collection: 'one', signIn: { token: REF } };
const OPENCTI = {
  type: 'opencti',
  baseUrl: 'https://opencti.example.com',
  collection: '6a0f1d5c-3b1e-4b5e-9c2d-0e6f6a1c7d11',
  token: REF,
};

test.each(KINDS.map(({ type, settings }) => [type, Object.keys(settings.shape)] as const))(
  'an unknown setting of %s is told those of its kind alone',
  (type, known) => {
    const mistake = mistakes({ type, baseURI: 'x' }).find(({ path }) => path === 'baseURI');
    expect(mistake?.message).toBe(`is not a setting; there are ${known.join(', ')} here`);
    expect(mistakes({ type, minimumScore: 75 }).find(({ path }) => path === 'minimumScore')?.suggestion).toBeNull();
  },
);

describe('how to sign in at TAXII', () => {
  test.each([
    [
      'a secret in the place of its reference',
      { user: 'bob', password: 'hunter2' },
      'signIn.user',
      /never in this file/,
      null,
    ],
    ['a misspelt setting', { user: REF, pasword: REF }, 'signIn.pasword', /not a setting/, 'password'],
    ['both ways', { user: REF, token: REF }, 'signIn.user', /does not go with/, null],
    ['half of it', { user: REF }, 'signIn.password', /missing/, null],
    ['a word', 'basic', 'signIn', /expected \{ user/, null],
  ])('is told where it is wrong: %s', (_, signIn, path, message, suggestion) => {
    const [first] = mistakes({ ...TAXII, signIn });
    expect(first).toMatchObject({ path, message: expect.stringMatching(message), suggestion });
    expect(JSON.stringify(mistakes({ ...TAXII, signIn }))).not.toMatch(/hunter2/);
  });
});

describe('an address that is copied from elsewhere', () => {
  test.each([
    [{ ...OPENCTI, baseUrl: 'https://opencti.example.com/dashboard' }, 'baseUrl', 'https://opencti.example.com'],
    [{ ...OPENCTI, baseUrl: 'https://tip.example.com/cti/graphql' }, 'baseUrl', 'https://tip.example.com/cti'],
    [
      { ...OPENCTI, baseUrl: 'https://opencti.example.com/taxii2/root/collections/6a0f1d5c/objects/' },
      'baseUrl',
      'https://opencti.example.com',
    ],
    [
      { ...TAXII, apiRoot: 'https://taxii.example.com/api1/collections/one/objects/' },
      'apiRoot',
      'https://taxii.example.com/api1',
    ],
    [{ ...TAXII, apiRoot: 'https://taxii.example.com/api1/collections/' }, 'apiRoot', 'https://taxii.example.com/api1'],
  ])('is told what to leave out of it (%j)', (destination, path, suggestion) => {
    expect(mistakes(destination)).toEqual([{ path, message: expect.stringContaining('expected'), suggestion }]);
  });

  test.each([OPENCTI, { ...OPENCTI, baseUrl: 'https://tip.example.com/dashboards' }, TAXII])(
    'is one otherwise (%j)',
    (one) => {
      expect(mistakes(one)).toEqual([]);
    },
  );
});

test.each([
  [{ ...TAXII, collection: '..' }, 'collection', /id of a collection/],
  [{ ...TAXII, collection: '.' }, 'collection', /id of a collection/],
  [{ ...TAXII, apiRoot: undefined }, 'apiRoot', /https address .*but it is missing/],
  [{ ...TAXII, createdBy: '' }, 'createdBy', /at least 1 character$/],
  [{ type: 'file', folder: '' }, 'folder', /expected the path of a folder/],
  [{ type: 'file', folder: '~/out' }, 'folder', /~/],
  [{ type: 'file', folder: '~' }, 'folder', /~/],
])('%j is named', (destination, path, message) => {
  expect(mistakes(destination)).toEqual([expect.objectContaining({ path, message: expect.stringMatching(message) })]);
});

test.each([
  ['stix', { itypes: { md5: { c2: 'apt_md5' } }, percentValues: 'together' }, ['itypes', 'percentValues']],
  ['csv', { markings: 'tlp-1' }, ['markings']],
  ['threatstream-csv', { markings: 'tlp-1', itypes: { md5: { c2: 'apt_md5' } } }, ['markings']],
  ['stix', { markings: 'tlp-1' }, []],
] as const)('files as %s warn of what is only for others: %j', (format, settings, warned) => {
  const warnings = file.section.parse({ type: 'file', folder: 'out', format, ...settings }).warnings(POLICY);
  expect(warnings.map(({ setting }) => setting)).toEqual(warned.map((name) => `destination.${name}`));
});

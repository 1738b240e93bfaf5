import { readFile } from 'node:fs/promises';
import { beforeAll, expect, test } from 'vitest';
import { CLOUD_ENDPOINTS, CLOUDS } from '../../config/cloud-endpoints.ts';
import { SEARCH_ATTRIBUTES } from '../../workflows/search-attributes.ts';

let page: string;

beforeAll(async () => {
  page = await readFile('docs/deployment.md', 'utf8');
});

test('the firewall’s list has the hosts of every cloud, each in its column', () => {
  const section = page.slice(page.indexOf('## Firewall'));
  const rows = section.split('\n').map((line) => line.split('|').map((cell) => cell.trim()));
  const row = (name: string): readonly string[] =>
    (rows.find(([, first]) => first === name) ?? []).slice(2, 2 + CLOUDS.length);
  const hosts = (address: (cloud: (typeof CLOUDS)[number]) => string) =>
    CLOUDS.map((cloud) => `\`${new URL(address(cloud)).hostname}\``);
  expect(row('Entra ID')).toEqual(hosts((cloud) => CLOUD_ENDPOINTS[cloud].authorityHost));
  expect(row('Log Analytics')).toEqual(hosts((cloud) => CLOUD_ENDPOINTS[cloud].logs.endpoint));
  expect(row('Microsoft Graph')).toEqual(hosts((cloud) => CLOUD_ENDPOINTS[cloud].graph.endpoint));
});

test('what is to be registered with Temporal Cloud by hand is what the workflows use', () => {
  const named = Array.from(page.matchAll(/`(Mdti\w+)`/g), ([, name = '']) => name);
  expect(named.sort()).toEqual(SEARCH_ATTRIBUTES.map(({ name }) => name).sort());
});

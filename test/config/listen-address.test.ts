import { expect, test } from 'vitest';
import { hostAndPort, listenAddress } from '../../config/listen-address.ts';

test.each(['127.0.0.1:9464', '0.0.0.0:1', '[::1]:65535', '[::]:8080'])('%s is an address', (text) => {
  expect(hostAndPort(listenAddress.parse(text))).toBe(text);
});

test.each([
  '',
  '9464',
  ':9464',
  'localhost:9464',
  '127.0.0.1',
  '127.0.0.1:0',
  '127.0.0.1:65536',
  '127.0.0.1:1e3',
  '::1:9464',
  '[127.0.0.1]:9464',
  '256.0.0.1:1',
])('%s is none', (text) => {
  const parsed = listenAddress.safeParse(text);
  expect(parsed.error?.issues[0]?.message).toMatch(/^expected an IP address and a port such as .*, found "/);
});

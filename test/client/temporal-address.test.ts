import { describe, expect, it } from 'vitest';
import { temporalAddressProblem } from '../../client/temporal-address.ts';
import { TemporalMisconfigured } from '../../client/temporal-errors.ts';
import { temporalSettings } from '../../client/temporal-settings.ts';

/** Not the file of whoever runs the tests. */
const NO_FILE = { TEMPORAL_CONFIG_FILE: '/nowhere/temporal.toml' };

describe('the address of Temporal', () => {
  it.each([
    '127.0.0.1:7233',
    'temporal',
    'temporal.example.com:7233',
    '[::1]:7233',
    '[::1]',
    'ns.a1b2c.tmprl.cloud:7233',
  ])('may be %s', (address) => expect(temporalAddressProblem(address)).toBeNull());

  it.each([
    ['::1:7233', /IPv6 address without brackets: expected \[HOST\]:PORT, such as \[::1\]:7233/],
    ['::1', /without brackets/],
    ['fe80::1%eth0:7233', /without brackets/],
    ['http://127.0.0.1:7233', /has a scheme: .*such as 127\.0\.0\.1:7233.*TEMPORAL_TLS=true/],
    ['https://user:hunter2@cloud.example.com', /has a scheme/],
    ['temporal:7233/', /is no address/],
    ['temporal 7233', /is no address/],
    ['user:hunter2@temporal:7233', /is no address/],
    ['temporal:', /is no address/],
    ['temporal:port', /is no address/],
    ['<namespace>.<account>.tmprl.cloud:7233', /a host that there cannot be/],
    ['a|b:7233', /a host that there cannot be/],
    ['[1:2]:7233', /a host that there cannot be/],
    ['temporal:0', /no port that there is/],
    ['temporal:70000', /no port that there is/],
  ])('may not be %s, and the sentence names the setting', (address, sentence) => {
    const settings = () => temporalSettings({ ...NO_FILE, TEMPORAL_ADDRESS: address });
    expect(settings).toThrow(TemporalMisconfigured);
    expect(settings).toThrow(sentence);
    expect(settings).toThrow(/^TEMPORAL_ADDRESS/);
    expect(settings).not.toThrow(/hunter2/);
  });

  it('is taken without the line break of a secret that was made by echo, and so is an API key', () => {
    const settings = temporalSettings({
      ...NO_FILE,
      TEMPORAL_ADDRESS: 'temporal:7233\n',
      TEMPORAL_NAMESPACE: 'ns\r\n',
      TEMPORAL_API_KEY: 'the-key\n',
    });
    expect(settings).toMatchObject({ address: 'temporal:7233', namespace: 'ns', connection: { apiKey: 'the-key' } });
  });

  it.each(['two\nlines', 'a b', 'schlüssel'])(
    'an API key with what no key has is refused and not shown (%j)',
    (key) => {
      const settings = () => temporalSettings({ ...NO_FILE, TEMPORAL_ADDRESS: 'temporal:7233', TEMPORAL_API_KEY: key });
      expect(settings).toThrow(/^TEMPORAL_API_KEY .*copy it anew/);
      expect(settings).not.toThrow(new RegExp(key));
    },
  );
});

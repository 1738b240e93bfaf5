import { expect, test } from 'vitest';
import { opencti } from '../../destinations/opencti/index.ts';
import { Secret } from '../../settings/secret.ts';

const ready = (baseUrl: string) =>
  opencti.section
    .parse({
      type: 'opencti',
      baseUrl,
      collection: '6a0f1d5c-3b1e-4b5e-9c2d-0e6f6a1c7d11',
      token: { env: 'OPENCTI_TOKEN' },
    })
    .ready(() => new Secret('x'), 'a');

test.each(['https://OpenCTI.example.com', 'https://opencti.example.com:443/'])(
  'the same platform is the same, however its address is written (%s)',
  (written) => {
    const { tenant, account } = ready('https://opencti.example.com');
    expect(ready(written)).toMatchObject({ tenant, account });
    expect(ready('https://opencti.example.com/other').tenant).not.toBe(tenant);
  },
);

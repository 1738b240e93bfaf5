import { z } from 'zod';
import { duration } from '../../settings/duration.ts';
import { secretRef } from '../../settings/secret-ref.ts';
import { setting, settingOf } from '../../settings/setting.ts';
import { size } from '../../settings/size.ts';
import { webAddress } from '../../settings/web-address.ts';

/** What an address is copied with from a browser, or from the page of an ingester. */
const BELOW: ReadonlySet<string> = new Set(['dashboard', 'graphql', 'taxii2']);

const address = webAddress.superRefine((written, context) => {
  const { origin, pathname } = new URL(written);
  const steps = pathname.split('/').filter((step) => step !== '');
  const at = steps.findIndex((step) => BELOW.has(step));
  if (at === -1) return;
  context.addIssue({
    code: 'custom',
    message: `expected the address of OpenCTI itself, without /${steps[at] ?? ''} and what is below it`,
    params: { suggestion: [origin, ...steps.slice(0, at)].join('/') },
  });
});

/** How indicators are delivered to one OpenCTI. Out: durations in milliseconds, sizes in bytes. */
export const openCtiSection = z.strictObject({
  type: z.literal('opencti').describe('OpenCTI, through a TAXII push ingester.'),
  baseUrl: settingOf(address, 'Address of OpenCTI, as its interface has it, up to /dashboard.', {
    example: 'https://opencti.example.com',
  }),
  collection: settingOf(
    z.string().regex(/^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i, {
      error: 'expected the id of a push ingester, as its address has it: a UUID',
    }),
    'Id of the TAXII push ingester, the last part but one of the address that OpenCTI shows for it.',
    { example: '6a0f1d5c-3b1e-4b5e-9c2d-0e6f6a1c7d11' },
  ),
  token: settingOf(secretRef('header'), 'Where the API token of the user is, who pushes and reads back.', {
    example: { env: 'OPENCTI_TOKEN' },
  }),
  author: setting(
    z.string().trim().min(2).max(200),
    'Name of the organisation that analysts see as the author. What has another author there is not ended when it is withdrawn.',
    'Microsoft Defender Threat Intelligence',
  ),
  extraLabels: setting(
    z.array(z.string().trim().min(1).max(200)),
    'Labels that every delivered indicator gets, such as [mdti].',
    [],
  ),
  defaultScore: setting(
    z.int().min(1).max(100),
    'Score of an indicator for which neither MDTI nor the source says one.',
    50,
  ),
  validFrom: setting(
    z.enum(['delivery', 'source']),
    'delivery: an indicator is valid from the day it is sent on, or later where the source says so; source: from when the source says, and as decay begins then, an old one may have ended when it arrives.',
    'delivery',
  ),
  decayRules: setting(
    z.boolean(),
    'OpenCTI has decay rules, as it has from the start: it passes over a score that it was given before, so that what comes back, or gets an earlier score, is sent with the nearest other one; and it keeps its own end, so that what has ended at the source is withdrawn.',
    true,
  ),
  requestsPerSecond: setting(
    z.number().min(0.01).max(100_000),
    'Requests in a second, over all workers and all pipelines with the same token: where they differ, the lowest holds.',
    5,
  ),
  maxObjects: setting(
    z.int().min(1).max(1_000),
    'Indicators of one push at most: one that OpenCTI loses, it loses as a whole.',
    200,
  ),
  maxBody: setting(
    size({ min: '64KiB', max: '512MiB' }),
    'Size of one push at most: under app:max_payload_body_size of OpenCTI, which is 50 MB where it is not set.',
    '32MiB',
  ),
  maxReply: setting(
    size({ min: '64KiB', max: '256MiB' }),
    'An answer that is larger, unpacked, is read no further: it counts as none, and is asked for again.',
    '64MiB',
  ),
  lostAckGrace: setting(
    duration({ min: '0s', max: '1d' }),
    'A push whose acknowledgement was lost, and of which OpenCTI shows nothing, is sent again only so long after it ended: it may wait in the queue.',
    '5m',
  ),
  confirmPoll: setting(
    duration({ min: '100ms', max: '10m' }),
    'How soon to ask what became of a push, and to ask again; each wait is half as long again, up to a minute.',
    '10s',
  ),
  confirmFor: setting(
    duration({ min: '1s', max: '1d' }),
    'How long what was pushed may take to show before what does not is set aside: it waits in a queue of OpenCTI.',
    '1h',
  ),
});

type Section = z.output<typeof openCtiSection>;

/** The settings as the adapter uses them, with the secret itself. */
export type OpenCtiSettings = Omit<Section, 'type' | 'token' | 'maxReply'> & {
  readonly token: string;
  /** How long a request may take, in milliseconds. */
  readonly requestTimeout: number;
};

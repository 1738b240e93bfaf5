import { z } from 'zod';
import { isTlpTag } from '../../indicators/tlp.ts';
import { duration } from '../../settings/duration.ts';
import { secretRef } from '../../settings/secret-ref.ts';
import { setting, settingOf } from '../../settings/setting.ts';
import { size } from '../../settings/size.ts';
import { webAddress } from '../../settings/web-address.ts';

/** Whom an event is for, as MISP numbers it. (Source: MISP 2.5, distribution levels.) */
export const DISTRIBUTIONS = {
  organisation: 0,
  community: 1,
  'connected-communities': 2,
  all: 3,
  'sharing-group': 4,
} as const;
const distributions = ['organisation', 'community', 'connected-communities', 'all', 'sharing-group'] as const;

/** How indicators are delivered to one MISP. Out: durations in milliseconds, sizes in bytes. */
export const mispSection = z
  .strictObject({
    type: z.literal('misp').describe('MISP 2.5.'),
    baseUrl: settingOf(webAddress, 'Address of MISP.', { example: 'https://misp.example.com' }),
    apiKey: settingOf(secretRef('header'), 'Where the authentication key is.', { example: { env: 'MISP_API_KEY' } }),
    events: setting(
      z.int().min(1).max(10_000),
      'Events that the indicators are spread over: each is at home in one of them. MISP copes with some 10,000 attributes of an event. When it is changed, what is there stays in its event, and what is new goes to new ones.',
      64,
    ),
    eventInfo: setting(
      z.string().min(1).max(200),
      'The events are called this, with a number; those that there are keep their names.',
      'Microsoft Defender Threat Intelligence',
    ),
    distribution: setting(
      z.enum(distributions),
      'Whom the events are for when they are made; those that there are stay as they are.',
      'organisation',
    ),
    sharingGroup: settingOf(z.int().min(1).optional(), 'Id of the sharing group, for distribution sharing-group.', {
      example: 3,
      otherwise: 'none',
    }),
    publish: setting(
      z.enum(['never', 'afterBatch']),
      'never: the events stay unpublished, in no feed and on no other MISP, until someone publishes them; afterBatch: each event is published once its attributes of a batch are seen there, which sends e-mails to the users who want them.',
      'never',
    ),
    withdraw: setting(
      z.enum(['toIds', 'delete']),
      'toIds: what has ended stays visible, and is no longer for detection; delete: it is deleted softly.',
      'toIds',
    ),
    enforceWarninglist: setting(
      z.boolean(),
      'Have MISP refuse new indicators that are in one of its warninglists: they are rejected, with the name of the list.',
      false,
    ),
    sourceTags: setting(z.boolean(), 'The source’s own tags become tags there.', true),
    extraTags: setting(
      z.array(
        z
          .string()
          .min(1)
          .max(200)
          .refine((tag) => !isTlpTag(tag), {
            error:
              'expected a tag that is no TLP marking: each attribute has its own (policy.tlpDefault is for what has none)',
          }),
      ),
      'Tags that every delivered indicator gets, such as [mdti-sync].',
      [],
    ),
    requestsPerSecond: setting(
      z.number().min(0.01).max(100_000),
      'Requests in a second, over all workers and all pipelines with the same key: where they differ, the lowest holds.',
      5,
    ),
    maxObjects: setting(z.int().min(1).max(1_000), 'Indicators of one request at most.', 500),
    fullEvent: setting(
      z.int().min(1).max(1_000_000),
      'An event that MISP fails at is taken for too full from so many attributes on: then the run is blocked until events is raised.',
      50_000,
    ),
    maxReply: setting(
      size({ min: '64KiB', max: '256MiB' }),
      'An answer that is larger, unpacked, is read no further: it counts as none, and is asked for again.',
      '64MiB',
    ),
    confirmPoll: setting(
      duration({ min: '100ms', max: '10m' }),
      'How soon to look again for what does not show yet; each wait is half as long again, up to a minute.',
      '5s',
    ),
    confirmFor: setting(
      duration({ min: '1s', max: '1d' }),
      'How long what was taken in may take to show before what does not is set aside.',
      '2m',
    ),
  })
  .superRefine(({ distribution, sharingGroup }, context) => {
    if ((distribution === 'sharing-group') === (sharingGroup !== undefined)) return;
    context.addIssue({
      code: 'custom',
      path: ['sharingGroup'],
      message:
        sharingGroup === undefined
          ? 'distribution sharing-group wants the id of one: set sharingGroup'
          : 'a sharing group is for distribution sharing-group: set that too, or leave it out',
    });
  });

/** The settings as the adapter uses them, with the secret itself. */
export type MispSettings = Omit<z.output<typeof mispSection>, 'type' | 'apiKey' | 'maxReply'> & {
  readonly apiKey: string;
};

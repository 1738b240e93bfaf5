import { z } from 'zod';
import { setting, settingOf } from '../../settings/setting.ts';
import { size } from '../../settings/size.ts';
import { itypesByKind } from '../threatstream-csv/itypes.ts';

const path = z
  .string()
  .min(1, { error: 'expected the path of a folder' })
  .refine((text) => !text.includes('\0'), { error: 'expected a path: it holds a NUL' })
  .refine((text) => !/^~(?:\/|$)/.test(text), { error: 'expected a whole path: ~ is a folder of that name here' });

/** How indicators are written into a folder. Out: sizes in bytes. */
export const fileSection = z.strictObject({
  type: z.literal('file').describe('Files in a folder.'),
  folder: settingOf(
    path,
    'Where the files go: absolute, or from the folder in which the worker starts. It is made, for its owner alone, if only it is missing and not what is above it.',
    { example: '/var/lib/mdti-sync/out' },
  ),
  format: setting(
    z.enum(['stix', 'csv', 'threatstream-csv', 'spreadsheet-csv']),
    'stix: bundles of STIX 2.1; csv: for programs; threatstream-csv: what ThreatStream imports, by hand; spreadsheet-csv: as csv, for people, without formulas.',
    'stix',
  ),
  readableBy: setting(
    z.enum(['owner', 'group', 'everyone']),
    'Who may read the files, whatever the umask: modes 0600, 0640, 0644.',
    'group',
  ),
  readers: setting(
    z.enum(['take', 'leave']),
    'take: readers may move or delete a file once its manifest is there, and one that is gone was taken in; leave: files stay until they are confirmed, and one that is gone before is written again.',
    'take',
  ),
  maxObjects: setting(z.int().min(1).max(1_000), 'Indicators of one file at most.', 1_000),
  maxBytes: setting(
    size({ min: '64KiB', max: '256MiB' }),
    'Size of one file at most; an indicator that is larger by itself has a file of its own.',
    '16MiB',
  ),
  markings: setting(
    z.enum(['tlp-2', 'tlp-1']),
    'Of stix: the TLP that objects are marked with. TLP 1 has no AMBER+STRICT: that is TLP 2’s.',
    'tlp-2',
  ),
  itypes: setting(
    itypesByKind,
    'Of threatstream-csv: replaces single itypes, by kind of observable and threat, such as { md5: { c2: apt_md5 } }.',
    {},
  ),
  // UNCONFIRMED: which values with a % a CSV means for wildcards.
  percentValues: setting(
    z.enum(['apart', 'together']),
    'Of threatstream-csv: apart: values with a % have files of their own, since ThreatStream could take them for wildcards.',
    'apart',
  ),
});

export type FileSettings = Omit<z.output<typeof fileSection>, 'type'>;

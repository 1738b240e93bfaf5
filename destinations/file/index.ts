import { resolve } from 'node:path';
import type { z } from 'zod';
import { destinationKind } from '../kind.ts';
import { createFile } from './file.ts';
import { fileSection } from './file-settings.ts';

type Settings = z.output<typeof fileSection>;

/** Settings that somebody has set and that another format has, with that. */
function idleSettings(
  format: Settings['format'],
  { markings, itypes, percentValues }: Pick<Settings, 'markings' | 'itypes' | 'percentValues'>,
) {
  return [
    ['markings', 'stix', markings !== 'tlp-2'] as const,
    ['itypes', 'threatstream-csv', Object.keys(itypes).length > 0] as const,
    ['percentValues', 'threatstream-csv', percentValues !== 'apart'] as const,
  ].filter(([, of, isSet]) => isSet && of !== format);
}

/** Files in a folder. */
export const file = destinationKind({
  title: 'Files in a folder',
  stability: 'beta',
  section: fileSection,
  hosts: () => [],
  permissions: ({ folder }) => [`The user that the worker runs as: to read, write and list ${resolve(folder)}`],
  warnings: ({ readableBy, format, ...settings }, { tlpCeiling }) => [
    ...(readableBy === 'everyone' && (tlpCeiling === 'red' || tlpCeiling.startsWith('amber'))
      ? [
          {
            setting: 'policy.tlpCeiling',
            sentence: `is ${tlpCeiling} while every user of the machine may read the files: indicators that are marked for few go to all.`,
          },
        ]
      : []),
    ...idleSettings(format, settings).map(([name, of]) => ({
      setting: `destination.${name}`,
      sentence: `changes nothing: it is for files of format ${of}, and these are ${format}.`,
    })),
  ],
  account: ({ folder }) => `files in ${resolve(folder)}`,
  // Each pipeline has files and ids of its own.
  tenant: () => null,
  // A disk has no limit of its own.
  requestsPerSecond: () => 1_000,
  create(settings, _secrets, deps) {
    return createFile(settings, deps);
  },
  demo: ({ folder }) => ({ destination: { type: 'file' as const, folder }, env: {} }),
});

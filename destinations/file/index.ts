import { resolve } from 'node:path';
import { destinationKind } from '../kind.ts';
import { createFile } from './file.ts';
import { fileSection } from './file-settings.ts';

/** Files in a folder. */
export const file = destinationKind({
  title: 'Files in a folder',
  stability: 'beta',
  section: fileSection,
  hosts: () => [],
  permissions: ({ folder }) => [`The user that the worker runs as: to read, write and list ${resolve(folder)}`],
  warnings: ({ readableBy }, { tlpCeiling }) =>
    readableBy === 'everyone' && (tlpCeiling === 'red' || tlpCeiling.startsWith('amber'))
      ? [
          {
            setting: 'policy.tlpCeiling',
            sentence: `is ${tlpCeiling} while every user of the machine may read the files: indicators that are marked for few go to all.`,
          },
        ]
      : [],
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

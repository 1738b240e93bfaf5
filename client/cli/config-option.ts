import { Option } from 'commander';

/** Where the configuration is looked for. */
export const CONFIG_FILE = 'mdti-sync.yaml';

export function configOption(): Option {
  // A variable that is empty is one that is not set, as Compose files have them.
  return new Option('--config <file>', 'the configuration')
    .default(CONFIG_FILE)
    .env('MDTI_SYNC_CONFIG')
    .argParser((text) => (text === '' ? CONFIG_FILE : text));
}

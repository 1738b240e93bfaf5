import { Option } from 'commander';

export function configOption(): Option {
  return new Option('--config <file>', 'the configuration').default('mdti-sync.yaml').env('MDTI_SYNC_CONFIG');
}

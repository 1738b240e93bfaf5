import { homedir } from 'node:os';
import { join } from 'node:path';

/** Where fetched binaries are kept: MDTI_SYNC_CACHE_DIR, else `mdti-sync` in XDG_CACHE_HOME, else in `~/.cache`. */
export function cacheFolder(env: Readonly<Record<string, string | undefined>>): string {
  const own = env['MDTI_SYNC_CACHE_DIR'];
  if (own !== undefined && own !== '') return own;
  const shared = env['XDG_CACHE_HOME'];
  return join(shared === undefined || shared === '' ? join(homedir(), '.cache') : shared, 'mdti-sync');
}

import { homedir } from 'node:os';
import { join } from 'node:path';

/**
 * Where fetched binaries are kept: MDTI_SYNC_CACHE_DIR, else `mdti-sync` in XDG_CACHE_HOME, else in `~/.cache`; null for a user who has no
 * home.
 */
export function cacheFolder(env: Readonly<Record<string, string | undefined>>): string | null {
  const own = env['MDTI_SYNC_CACHE_DIR'];
  if (own !== undefined && own !== '') return own;
  const shared = env['XDG_CACHE_HOME'];
  if (shared !== undefined && shared !== '') return join(shared, 'mdti-sync');
  const home = homeFolder();
  return home === '' ? null : join(home, '.cache', 'mdti-sync');
}

/** Empty where HOME is empty, and where it is not set for a user whom the system does not know, as in containers. */
function homeFolder(): string {
  try {
    return homedir();
  } catch {
    return '';
  }
}

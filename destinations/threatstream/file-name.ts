import { MARKER_PREFIX } from '../destination.ts';

/** How the names of our files begin, which import sessions show. */
const PREFIX = 'mdti-sync-';

/** The file's name without its ending: the shipment's marker in letters that no system changes. */
export function fileStem(marker: string): string {
  const name = marker.startsWith(MARKER_PREFIX) ? marker.slice(MARKER_PREFIX.length) : marker;
  return `${PREFIX}${name.replaceAll(/[^a-zA-Z0-9-]/g, '-')}`;
}

/** Whether a session's file is that of a shipment; what is put before or after its name does not matter. */
export function isFileOf(fileName: string | null, marker: string): boolean {
  return fileName?.includes(`${fileStem(marker)}.`) === true;
}

/** Whether a session's file is one of ours. */
export function isOurFile(fileName: string | null): boolean {
  return fileName?.includes(PREFIX) === true;
}

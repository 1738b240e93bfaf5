import type { MispParts } from './parts.ts';

/**
 * Restores what an edit of its event has left deleted: both ways are said to restore (UNCONFIRMED). By its number, as 2.5.1 knows no uuid
 * there; it sends on to the attribute, whatever came of it. (Source: MISP 2.5.1, AttributesController::restore.)
 */
export async function restoreDeleted(
  uuids: readonly string[],
  { client, read }: Pick<MispParts, 'client' | 'read'>,
  signal: AbortSignal,
): Promise<void> {
  if (uuids.length === 0) return;
  const shown = await read(uuids, signal);
  for (const uuid of uuids) {
    const attribute = shown.get(uuid);
    if (attribute?.deleted !== true) continue;
    const path = `/attributes/restore/${attribute.id}`;
    await client.send({ method: 'POST', path, needs: 'restore attributes', answers: [302, 405] }, signal);
  }
}

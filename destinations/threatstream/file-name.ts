/** How the names of our files begin, which import sessions show. */
const PREFIX = 'mdti-sync-';

/** Shipments that a release before has planned are named so. */
const MARKER = /^mdti-sync:/;

/** The file's name without its ending: the shipment's name in letters that no system changes. */
export function fileStem(shipmentName: string): string {
  return `${PREFIX}${shipmentName.replace(MARKER, '').replaceAll(/[^a-zA-Z0-9-]/g, '-')}`;
}

/** Whether a session's file is that of a shipment; what is put before or after its name does not matter. */
export function isFileOf(fileName: string | null, shipmentName: string): boolean {
  return fileName?.includes(`${fileStem(shipmentName)}.`) === true;
}

/** Whether a session's file is one of ours. */
export function isOurFile(fileName: string | null): boolean {
  return fileName?.includes(PREFIX) === true;
}

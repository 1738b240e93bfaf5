import type { Destination } from '../destination.ts';
import type { DestinationDeps } from '../destination-deps.ts';
import { uploadDelivery } from './delivery.ts';
import { ownItems } from './own-items.ts';
import { plan } from './plan.ts';
import { dialectOf, render } from './render.ts';
import { RowBoard } from './seen-rows.ts';
import type { SentinelUploadSettings } from './sentinel-upload-settings.ts';
import { createUploadClient, type UploadDeps } from './upload-client.ts';
import { withdrawer } from './withdraw.ts';

type Deps = Omit<UploadDeps, 'azure'> & Pick<DestinationDeps, 'azure' | 'deployment' | 'tlpDefault'>;

/** A Microsoft Sentinel workspace as a destination: uploaded to by its API for STIX objects, and read by queries of what it shows. */
export function createSentinelUpload(settings: SentinelUploadSettings, deps: Deps): Destination {
  const dialect = dialectOf(deps.deployment, deps.tlpDefault, settings.sourceSystem);
  const parts = {
    client: createUploadClient(settings, deps),
    board: new RowBoard(settings, deps),
    dialect,
    now: deps.now,
  };
  const { send, find, confirm } = uploadDelivery(settings, parts);
  return {
    describe: `Sentinel workspace ${settings.workspaceId} at ${new URL(settings.endpoint).host}`,
    fullLoad: settings.maxObjects,
    withdrawLoad: settings.maxObjects,
    render: (item) => render(item, dialect),
    plan: (items) => plan(items, settings.maxObjects),
    // What became of it is asked of another API.
    requestsFor: () => 1,
    bring: send,
    change: send,
    find,
    confirm,
    withdraw: withdrawer(settings, parts),
    own: (signal) => ownItems(settings, { azure: deps.azure, dialect, now: deps.now }, signal),
  };
}

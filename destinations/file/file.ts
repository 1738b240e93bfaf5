import { resolve } from 'node:path';
import type { Tlp } from '../../indicators/indicator.ts';
import type { StixDialect } from '../../indicators/stix.ts';
import { indicatorId, stixNamespace } from '../../indicators/stix-ids.ts';
import { stixPattern } from '../../indicators/stix-observable.ts';
import type { Destination, Withdrawable } from '../destination.ts';
import { csvLayout } from './csv-layout.ts';
import { type Disk, realDisk } from './disk.ts';
import { Drop } from './drop.ts';
import type { FileSettings } from './file-settings.ts';
import { type FileForm, fileForm } from './form.ts';
import type { Layout } from './layout.ts';
import { plan } from './plan.ts';
import { render } from './render.ts';
import { confirmFile, finder, sender } from './send.ts';
import { stixLayout } from './stix-layout.ts';
import { threatstreamLayout } from './threatstream-layout.ts';
import { withdrawer } from './withdraw.ts';

export interface FileDeps {
  readonly deployment: string;
  readonly pipeline: string;
  readonly tlpDefault: Tlp;
  readonly now: () => Date;
  /** Default: the machine's. */
  readonly disk?: Disk;
}

const MODES = { owner: 0o600, group: 0o640, everyone: 0o644 } as const;

/** A folder that readers look into, as a destination. What is in it is of one pipeline: ids are made in a namespace of its own. */
export function createFile(
  settings: FileSettings,
  { deployment, pipeline, tlpDefault, now, disk = realDisk }: FileDeps,
): Destination {
  const folder = resolve(settings.folder);
  const namespace = stixNamespace(JSON.stringify([deployment, pipeline]));
  const layout = layoutOf(settings, { namespace, pipeline, tlpDefault });
  const idOf = ({ key }: Pick<Withdrawable, 'key'>, { generation }: FileForm): string =>
    indicatorId(namespace, stixPattern(key), generation);
  const drop = new Drop(folder, MODES[settings.readableBy], disk, now);
  const using = { settings, pipeline, drop, layout };
  const send = sender(using);
  return {
    describe: `Files in ${folder}`,
    shipmentName: 'file',
    fullLoad: settings.maxObjects,
    withdrawLoad: settings.maxObjects,
    // A file ends nothing by itself.
    exactEnd: true,
    render: (item) => render(item, layout, { ...settings, tlpDefault }),
    plan: (items) => plan(items, settings),
    requestsFor: () => 1,
    bring: send,
    change: send,
    find: finder(using),
    confirm: (shipment, receipt) =>
      confirmFile(using, shipment, receipt, (item) => {
        const form = fileForm.safeParse(item.form);
        return form.success ? idOf(item, form.data) : null;
      }),
    withdraw: withdrawer(using, idOf),
  };
}

function layoutOf(
  { format, markings, itypes }: FileSettings,
  { namespace, pipeline, tlpDefault }: { namespace: string; pipeline: string; tlpDefault: Tlp },
): Layout {
  if (format === 'threatstream-csv') return threatstreamLayout({ itypes });
  if (format !== 'stix') {
    return csvLayout({ namespace, tlpDefault, isForSpreadsheets: format === 'spreadsheet-csv' });
  }
  const dialect: StixDialect = {
    producer: { namespace, name: `mdti-sync ${pipeline}`, identityClass: 'system' },
    isForOpenCti: false,
    markings,
    tlpDefault,
  };
  return stixLayout(dialect);
}

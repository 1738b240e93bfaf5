import type { IndicatorKey } from '../../indicators/indicator.ts';
import { csvRow } from '../csv-row.ts';
import { importHeader, importRow } from '../threatstream-csv/csv-file.ts';
import { itypeOf, kindOf } from '../threatstream-csv/itypes.ts';
import { tagsOf } from '../threatstream-csv/tags.ts';
import type { FileSettings } from './file-settings.ts';
import type { FileForm } from './form.ts';
import type { Layout } from './layout.ts';

/** As an import by the product itself has them. */
const TAGS = { ruleTags: 'high', extraTags: [] } as const;

/**
 * What ThreatStream's page for imports takes: tags are private. A list of what was withdrawn has no column `value`, without which
 * ThreatStream imports nothing: by mistake it would make active what it is to end. (Source: ThreatStream's API reference, "importing".)
 */
export function threatstreamLayout({ itypes }: Pick<FileSettings, 'itypes'>): Layout {
  const itype = ({ type }: IndicatorKey, { threat }: Pick<FileForm, 'threat'>): string =>
    itypeOf(kindOf(type), threat, itypes);
  return {
    extension: '.csv',
    standing({ indicator: { key, facts }, verdict }, { tlp }) {
      const shown = {
        value: key.value,
        itype: itype(key, facts),
        tags: tagsOf(facts.tags, verdict, TAGS),
        // An empty cell would get whatever is chosen for the whole import.
        tlp,
      };
      return { text: importRow(shown), shown };
    },
    // It tells observables apart by their values: what comes back is imported again.
    ended: () => null,
    withdrawn: (key, form) => csvRow([key.value, itype(key, form)]),
    file: (rows) => [importHeader(false), ...rows, ''].join('\r\n'),
    withdrawals: (rows) => ['withdrawn,itype', ...rows, ''].join('\r\n'),
  };
}

import { Fault } from '../../indicators/fault.ts';
import type { Destination, Withdrawable } from '../destination.ts';
import { withdrawalStem } from './file-names.ts';
import { type FileForm, formsOf, newestOfEach } from './form.ts';
import { type Using, whole } from './send.ts';
import { withdrawnAt } from './version.ts';

const FORMLESS = 'nothing is written down of what was written of it';

interface Ending {
  readonly item: Withdrawable;
  readonly forms: readonly FileForm[];
}

/**
 * Writes a file with the withdrawal of every version that may have been written of the items; the same items in the same versions always
 * make the same file, which is written once.
 */
export function withdrawer(
  using: Using,
  idOf: (item: Withdrawable, form: FileForm) => string,
): Destination['withdraw'] {
  const { settings, pipeline, drop, layout } = using;
  return async (items, signal) => {
    const all = items.map((item): Ending => ({ item, forms: newestOfEach(formsOf(item.held)) }));
    const ending = all.filter(({ forms }) => forms.length > 0).toSorted((a, b) => a.item.id - b.item.id);
    const [missing, formless] = [(held: boolean) => !held, (held: boolean) => held].map((which) =>
      all.filter(({ item, forms }) => forms.length === 0 && which(item.held !== null)).map(({ item }) => item.id),
    );
    const outcome = {
      withdrawn: ending.map(({ item }) => item.id),
      missing: missing ?? [],
      unknown: (formless ?? []).map((id) => ({ id, reason: FORMLESS })),
    };
    if (ending.length === 0) return outcome;
    const versions = ending.flatMap(({ item, forms }) =>
      forms.map((form) => [idOf(item, form), withdrawnAt(form.modified)] as const),
    );
    const stem = withdrawalStem(pipeline, versions);
    const text = layout.withdrawals(
      ending.flatMap(({ item, forms }) => forms.map((form) => layout.withdrawn(item.key, form))),
      new Set(ending.flatMap(({ forms }) => forms.map(({ tlp }) => tlp))),
    );
    if (Buffer.byteLength(text) > settings.maxBytes && ending.length > 1) {
      throw new Fault('TooLarge', `A file of ${ending.length} withdrawals would be larger than maxBytes.`);
    }
    signal.throwIfAborted();
    await drop.open();
    if ((await whole(drop, settings, stem, stem)) !== null) return outcome;
    const times = versions.map(([, modified]) => modified).toSorted();
    await drop.put({
      stem,
      kind: '',
      extension: layout.extension,
      text,
      about: {
        shipment: stem,
        pipeline,
        format: settings.format,
        indicators: 0,
        withdrawals: versions.length,
        first: times[0] ?? '',
        last: times.at(-1) ?? '',
      },
    });
    if ((await whole(drop, settings, stem, stem)) !== null) return outcome;
    if (settings.readers === 'take') return outcome;
    throw new Fault('Unavailable', 'A file of withdrawals is not what was written, or is gone.');
  };
}

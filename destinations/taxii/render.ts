import type { Tlp } from '../../indicators/indicator.ts';
import { type StixIndicator, stixIndicator } from '../../indicators/stix.ts';
import { indicatorId } from '../../indicators/stix-ids.ts';
import { stixPattern } from '../../indicators/stix-observable.ts';
import type { Producer } from '../../indicators/stix-producer.ts';
import { realBeginning } from '../../indicators/stix-time.ts';
import type { Deliverable, Rendered } from '../destination.ts';
import { stixContentHash } from './content.ts';
import { nextVersion, type VersionForm } from './version.ts';

/** `created` of what the source says no beginning of. */
const FIRST = '2026-01-01T00:00:00.000Z';

/** By what an indicator is written. */
export interface Writing {
  readonly producer: Producer;
  readonly tlpDefault: Tlp;
}

/** With what is sent of it, which the ledger does not keep. */
interface RenderedObject extends Rendered {
  readonly object: StixIndicator;
}

/** Its batch keys: what is new there, and what is there. */
const [NEW, HELD] = ['new', 'held'];

/** The item as an object of STIX 2.1, in the version that comes after all that may be there. */
export function render(item: Deliverable, { producer, tlpDefault }: Writing): RenderedObject {
  const { id, indicator, held } = item;
  const { key, facts } = indicator;
  const pattern = stixPattern(key);
  const idOf = (generation: number) => indicatorId(producer.namespace, pattern, generation);
  const { generation, created, previous, earlier } = nextVersion(held, realBeginning(facts.validFrom) ?? FIRST, idOf);
  const object = stixIndicator(
    item,
    { producer, isForOpenCti: false, markings: 'tlp-2', tlpDefault },
    { generation, created, previous, now: created },
  );
  const form = {
    id: object.id,
    generation,
    created: object.created,
    modified: object.modified,
    earlier: [...earlier],
  } satisfies VersionForm;
  return {
    id,
    key,
    hash: stixContentHash({ ...object }),
    batchKey: (held?.remoteId ?? null) === null ? NEW : HELD,
    value: key.value,
    form,
    object,
  };
}

/** What is sent of an item that was rendered here. */
export function objectOf(item: Rendered): StixIndicator {
  if (isWhole(item)) return item.object;
  throw new TypeError('An item was not rendered.');
}

function isWhole(item: Rendered): item is RenderedObject {
  return 'object' in item;
}

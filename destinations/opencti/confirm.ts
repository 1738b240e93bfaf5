import type { Destination, Rendered, Unknown } from '../destination.ts';
import { hasDecayed } from './differences.ts';
import type { OpenCtiClient } from './opencti-client.ts';
import { readForm } from './opencti-form.ts';
import type { OpenCtiSettings } from './opencti-settings.ts';
import { readShown, type Shown } from './shown-indicator.ts';
import { otherThanPushed } from './taken-in.ts';

const ABSENT =
  'OpenCTI does not show it: it was refused there (an exclusion list, perhaps), lies in a draft, was lost on its way or still waits in the queue, or the user may not see its marking';

/** Tells by what OpenCTI shows what became of a push: nothing else does. */
export function confirmer(
  client: OpenCtiClient,
  { confirmFor, confirmPoll }: Pick<OpenCtiSettings, 'confirmFor' | 'confirmPoll'>,
  now: () => Date,
): Destination['confirm'] {
  return async ({ items }, { sentAt }, signal) => {
    const shown = await readShown(
      client,
      items.map(({ key }) => key),
      now(),
      signal,
    );
    const told = items.map((item) => toldOf(item, shown));
    const waitedMs = now().getTime() - Date.parse(String(sentAt));
    const isOver = !(waitedMs < confirmFor);
    if (!isOver && told.some(({ mayCome }) => mayCome)) return { kind: 'waiting', retryAfterMs: confirmPoll };
    const ended = told.filter(({ decayed }) => decayed).length;
    return {
      kind: 'settled',
      accepted: told.flatMap(({ id, unknown }) => (unknown === null ? [id] : [])),
      rejected: [],
      unknown: told.flatMap(({ id, unknown }): Unknown[] =>
        unknown === null ? [] : [{ id, reason: unknown, isAbsent: true }],
      ),
      given: told.flatMap(({ id, remoteId }) => (remoteId === null ? [] : [{ id, remoteId }])),
      note: ended === 0 ? 'taken in' : `taken in; of ${ended} a decay rule of OpenCTI has come to its end already`,
    };
  };
}

interface Told {
  readonly id: number;
  readonly remoteId: string | null;
  /** Null for what was taken in. */
  readonly unknown: string | null;
  /** What was asked for may show later. */
  readonly mayCome: boolean;
  readonly decayed: boolean;
}

function toldOf(item: Rendered, shown: Shown): Told {
  const { id, key, form: asked } = item;
  const one = shown.of(key);
  const form = readForm(asked);
  const remoteId = one?.standard_id ?? null;
  if (one === null) return { id, remoteId, unknown: ABSENT, mayCome: form !== null, decayed: false };
  // Of what nothing is wanted any more, it is enough that it is there.
  const others = otherThanPushed(item, one, shown.at);
  if (others.length > 0) return { id, remoteId, unknown: otherwise(others), mayCome: true, decayed: false };
  return { id, remoteId, unknown: null, mayCome: false, decayed: form !== null && hasDecayed(one, form, shown.at) };
}

function otherwise(others: readonly string[]): string {
  return `OpenCTI shows it otherwise than it was sent (${others.join(', ')}): what another source has given with a higher confidence stays, a decay rule keeps a score that it was given before, and a push may be lost on its way`;
}

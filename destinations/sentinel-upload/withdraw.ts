import { Fault } from '../../indicators/fault.ts';
import { indicatorId } from '../../indicators/stix-ids.ts';
import { stixPattern } from '../../indicators/stix-observable.ts';
import type { Destination, Form, Withdrawable, Withdrawn } from '../destination.ts';
import { fitted } from '../unfit.ts';
import { type DeliveryParts, LOOK_BACK_MS } from './delivery.ts';
import { nextLook } from './next-look.ts';
import { isGone } from './outcome.ts';
import { alone, type Dialect, defaultMarking } from './render.ts';
import { revocation } from './revocation.ts';
import { Revocations } from './revocations.ts';
import type { SeenRow, SeenRows } from './seen-rows.ts';
import type { SentinelUploadSettings } from './sentinel-upload-settings.ts';
import { bare, currentOf, type Version } from './upload-form.ts';

interface Target {
  readonly version: Version;
  /** Nobody has written down that it was ever uploaded. */
  readonly presumed: boolean;
}

type State =
  | { readonly kind: 'gone' | 'never-there' | 'to-revoke' }
  | { readonly kind: 'revoked'; readonly agoMs: number };

/**
 * Revokes objects, and sees to it that the workspace shows that: it is looked at first, so that nothing is uploaded again while its rows
 * are late. What is not seen yet is `Throttled`, as a wait of our own.
 */
export function withdrawer(
  settings: SentinelUploadSettings,
  { client, board, dialect, now }: DeliveryParts,
): Destination['withdraw'] {
  const revocations = new Revocations();

  async function revoke(targets: readonly (readonly [Withdrawable, Version])[], rows: SeenRows, signal: AbortSignal) {
    for (let at = 0; at < targets.length; at += settings.maxObjects) {
      const part = targets.slice(at, at + settings.maxObjects);
      const objects = fitted(() =>
        part.map(([{ key }, version]): Form => {
          const seen = rows.get(version.id)?.version ?? 0;
          const modified = new Date(Math.max(Date.parse(version.modified), seen)).toISOString();
          return revocation(key, { ...version, modified }, dialect, now().toISOString());
        }),
      );
      // One that is declined because it was revoked before shows in the workspace; one that never does is set aside.
      await client.upload(objects, signal);
      revocations.note(
        part.map(([, { id }]) => id),
        now(),
      );
    }
  }

  return async (items, signal): Promise<Withdrawn> => {
    const all = items.map((item) => ({ item, targets: targetsOf(item, dialect) }));
    const ids = all.flatMap(({ targets }) => targets.map(({ version }) => version.id));
    const rows = await board.look(ids, new Date(now().getTime() - LOOK_BACK_MS), signal);
    const stateOf = ({ version, presumed }: Target): State => {
      const row = rows.get(version.id);
      const agoMs = revocations.ago(version.id, now());
      return isGone(row) ? { kind: 'gone' } : pending(row, presumed, agoMs);
    };
    const toRevoke = all.flatMap(({ item, targets }) =>
      targets.filter((one) => stateOf(one).kind === 'to-revoke').map(({ version }) => [item, version] as const),
    );
    await revoke(toRevoke, rows, signal);
    const states = all.map(({ item, targets }) => ({ id: item.id, targets, states: targets.map(stateOf) }));
    const waits = states
      .flatMap((one) => one.states)
      .flatMap((one) => (one.kind === 'revoked' && one.agoMs < settings.confirmFor ? [one.agoMs] : []));
    if (waits.length > 0) {
      throw new Fault(
        'Throttled',
        `The workspace does not show yet that ${waits.length} objects were revoked: its rows take minutes to show.`,
        { isOurs: true, retryAfterMs: nextLook(Math.min(...waits), settings.confirmPoll) },
      );
    }
    for (const { targets } of states) for (const { version } of targets) revocations.forget(version.id);
    const idsWhere = (is: (kinds: readonly State['kind'][]) => boolean): readonly number[] =>
      states.filter((one) => is(one.states.map(({ kind }) => kind))).map(({ id }) => id);
    return {
      withdrawn: idsWhere((kinds) => !kinds.includes('revoked') && kinds.includes('gone')),
      missing: idsWhere((kinds) => kinds.every((kind) => kind === 'never-there')),
      unknown: idsWhere((kinds) => kinds.includes('revoked')).map((id) => ({ id, reason: NOT_SHOWN })),
    };
  };
}

const NOT_SHOWN =
  'its revocation was uploaded, and the workspace does not show it: its rows may be late, or a transformation of the table may leave them out';

function pending(row: SeenRow | undefined, presumed: boolean, agoMs: number | null): State {
  if (agoMs !== null) return { kind: 'revoked', agoMs };
  return { kind: presumed && row === undefined ? 'never-there' : 'to-revoke' };
}

/** What may be current there of an item: where nothing is known, what its first object would have been. */
function targetsOf({ key, held }: Withdrawable, dialect: Dialect): readonly Target[] {
  const marking = defaultMarking(dialect);
  const current = currentOf(held, marking);
  if (current !== null) return alone(current).map((version) => ({ version, presumed: false }));
  const id = indicatorId(dialect.producer.namespace, stixPattern(key), 0);
  const { replaces: _, ...first } = bare(marking);
  return [{ version: { ...first, id, generation: 0, modified: first.created }, presumed: true }];
}

import { z } from 'zod';
import { Fault } from '../../indicators/fault.ts';
import { plainWords } from '../../indicators/plain-words.ts';
import { API } from './misp-client.ts';

/** Why MISP has not taken an attribute. Kept in a receipt: it says nothing of the value. */
const trouble = z.object({ id: z.number(), kind: z.enum(['taken', 'alike', 'listed', 'other']), words: z.string() });
export type Trouble = z.infer<typeof trouble>;
export const troubles = z.array(trouble);

/** Fields whose errors are the matter of one indicator; all others are said of every one alike. */
const OF_THE_ITEM: ReadonlySet<string> = new Set(['value', 'uuid', 'first_seen', 'last_seen', 'comment']);

/**
 * What a reply to `attributes/add` says of each attribute: by its place, or without one where it was alone. Throws `Refused` for what is not
 * the matter of an indicator. (Source: MISP 2.5.1, AttributesController::add, MispAttribute::$validate.)
 */
export function troublesIn(errors: unknown, ids: readonly number[]): readonly Trouble[] {
  if (errors === undefined || errors === null) return [];
  const placed = typeof errors === 'object' ? Object.entries(errors).filter(([key]) => PLACE.test(key)) : [];
  const [only] = ids;
  if (placed.length === 0) return only === undefined || ids.length > 1 ? [] : [troubleOf(only, errors)];
  return placed.flatMap(([key, error]) => {
    const id = ids[Number(PLACE.exec(key)?.[1])];
    return id === undefined ? [] : [troubleOf(id, error)];
  });
}

const PLACE = /^attribute_(\d+)$/;
const byField = z.record(z.string(), z.union([z.string(), z.array(z.string())]).catch(''));

function troubleOf(id: number, error: unknown): Trouble {
  if (typeof error === 'string') {
    return { id, kind: /warninglist/i.test(error) ? 'listed' : 'other', words: plainWords(error) };
  }
  const fields = new Map(
    Object.entries(byField.safeParse(error).data ?? {}).map(([name, said]) => [name, [said].flat()]),
  );
  const others = [...fields].filter(([name]) => !OF_THE_ITEM.has(name));
  if (others.length > 0) {
    const said = others.map(([name, texts]) => `${name}: ${plainWords(texts.join(' '))}`).join('; ');
    throw new Fault(
      'Refused',
      `${API} declined attributes for what all of them have alike (${said}). Check the settings of the destination.`,
    );
  }
  const said = [...fields.values()].flat();
  if (said.some((text) => /similar attribute/i.test(text))) return { id, kind: 'alike', words: '' };
  if (said.some((text) => /not unique/i.test(text))) return { id, kind: 'taken', words: '' };
  return { id, kind: 'other', words: plainWords(said.join(' ')) };
}

const SENTENCES = {
  taken: `${API} says that its UUID is taken, and does not show this key by what: it is in an event that the key does not see, or was deleted, which its role does not see (perm_sync), and not taken back by an edit`,
  alike: `its event there has an attribute of that value that is not this one; ${API} takes values for the same whatever their case and accents`,
  listed: `it is in a warninglist of ${API}`,
} as const;

/** As the reason of a rejection. */
export function reasonOf({ kind, words }: Trouble, lists: readonly string[]): string {
  if (kind === 'other') return words === '' ? `${API} declined it without a reason` : `${API} declined it: ${words}`;
  if (kind === 'listed' && lists.length > 0) return `${SENTENCES.listed}: ${lists.join(', ')}`;
  return SENTENCES[kind];
}

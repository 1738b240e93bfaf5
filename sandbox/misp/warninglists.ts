import { type Answer, answer, type Call, Declined, type Rooms } from './answer.ts';
import { isFields, textOf } from './loose.ts';

export function isListed({ faults }: Rooms, value: string): boolean {
  return Object.values(faults().warninglists).some((list) => list.includes(value.trim()));
}

/** Which lists have which values; `[]` when none has any, as PHP writes an object without fields. (Source: MISP 2.5.1, WarninglistsController.) */
export function checkValues({ faults }: Rooms, { data, method }: Call): Answer {
  if (method !== 'POST' || data === null) throw new Declined(404, 'No valid data received.');
  const inner = isFields(data) ? (data['Warninglist'] ?? data['[]'] ?? Object.values(data)) : data;
  const values = (Array.isArray(inner) ? inner : [inner]).flatMap((value: unknown) => textOf(value)?.trim() ?? []);
  const lists = Object.entries(faults().warninglists);
  const hits = values.flatMap((value) => {
    const found = lists.flatMap(([name, list], index) =>
      list.includes(value) ? [{ id: String(index + 1), name, matched: value }] : [],
    );
    return found.length === 0 ? [] : [[value, found] as const];
  });
  return answer(200, hits.length === 0 ? [] : Object.fromEntries(hits));
}

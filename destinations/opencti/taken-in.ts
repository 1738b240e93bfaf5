import type { Rendered } from '../destination.ts';
import { differences } from './differences.ts';
import { formsOf, readForm } from './opencti-form.ts';
import { isCurrent, type ShownIndicator } from './shown-indicator.ts';

/**
 * In what an item is shown otherwise than it was pushed, in words; nothing where that was taken in. Of one that has changed since nobody
 * knows any more what was pushed: it was taken in as soon as what shows is not what was there before.
 */
export function otherThanPushed(item: Rendered, shown: ShownIndicator, at: Date): readonly string[] {
  const { key, held, hash, plannedHash = hash } = item;
  const form = readForm(item.form);
  if (form === null) return [];
  if (plannedHash === hash) return differences(shown, form, key, at);
  if (held?.withdrawn !== undefined) return isCurrent(shown, at) ? [] : ['revoked'];
  const isAsBefore = formsOf(held).some((before) => differences(shown, before, key, at).length === 0);
  return isAsBefore ? ['as before'] : [];
}

import { type PushedObject, pushedObject } from './pushed-object.ts';

/**
 * The objects of a push in the order in which the workers take them in: what others refer to comes first, and of two with one id the last
 * counts. Null where the workers fail at the bundle as a whole, as at an object without an id. (Source: pycti, stix2 splitter.)
 */
export function bundleObjects(objects: readonly unknown[]): PushedObject[] | null {
  const byId = new Map<string, PushedObject>();
  for (const object of objects) {
    const read = pushedObject.safeParse(object);
    if (!read.success) return null;
    byId.set(read.data.id, read.data);
  }
  const isReferredTo = ({ type }: PushedObject): boolean => ['marking-definition', 'identity'].includes(type);
  const all = [...byId.values()];
  return [...all.filter(isReferredTo), ...all.filter((object) => !isReferredTo(object))];
}

/**
 * `tsyringe`, which `@peculiar/x509` builds on, does not load without the three functions of the `Reflect` metadata proposal that
 * it calls. This gives it those, unless they are there already.
 */
export function provideReflectMetadata(): void {
  if ('getMetadata' in Reflect) return;
  const kept = new WeakMap<object, Map<unknown, unknown>>();
  const own = (key: unknown, target: object): unknown => kept.get(target)?.get(key);
  Object.assign(Reflect, {
    getOwnMetadata: own,
    getMetadata(key: unknown, target: object): unknown {
      for (let at: object | null = target; at !== null; at = Reflect.getPrototypeOf(at)) {
        if (kept.get(at)?.has(key) === true) return own(key, at);
      }
      return undefined;
    },
    defineMetadata(key: unknown, value: unknown, target: object): void {
      const ofTarget = kept.get(target) ?? new Map<unknown, unknown>();
      kept.set(target, ofTarget.set(key, value));
    },
  });
}

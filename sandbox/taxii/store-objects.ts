import { type Contents, type Version, versionOf, writtenVersion } from './contents.ts';
import type { Dialect } from './dialect.ts';
import { overwriting } from './foreign-objects.ts';
import { isRevoked, type Judgement, type Tally, tallied } from './held-items.ts';
import { instantOf } from './instant.ts';
import type { Detail, Fates } from './status-resources.ts';
import { observableOf, type StixObject } from './stix-object.ts';
import { isAmong, type TaxiiFaults } from './taxii-faults.ts';

interface Storing {
  readonly contents: Contents;
  readonly dialect: Dialect;
  readonly faults: TaxiiFaults;
  readonly judgement: Judgement;
  readonly tally: Tally;
  /** When the next object is added. */
  readonly stamp: () => string;
}

/** Adds objects one after the other, and says of each what a status resource says of it. */
export function storeObjects(objects: readonly StixObject[], storing: Storing): Fates {
  const fates = { successes: new Array<Detail>(), failures: new Array<Detail>(), pendings: new Array<Detail>() };
  for (const object of objects) {
    const dateAdded = storing.stamp();
    const version = writtenVersion(object) ?? dateAdded;
    const { fate, message } = store(versionOf({ object, dateAdded, version }), storing);
    const told = storing.dialect.toldVersion(version);
    fates[fate].push({ id: object.id, version: told, ...(message === undefined ? {} : { message }) });
  }
  return fates;
}

interface Fate {
  readonly fate: keyof Fates;
  readonly message?: string;
}

function store(version: Version, { contents, dialect, faults, judgement, tally }: Storing): Fate {
  const { object } = version;
  const observable = observableOf(object);
  if (isAmong(faults.failValues, observable)) return { fate: 'failures', message: faults.failMessage };
  if (isAmong(faults.pendValues, observable)) return { fate: 'pendings' };
  if (isAmong(faults.dropValues, observable)) return { fate: 'successes' };
  const held = contents.of(object.id);
  if (dialect.isThere(object, held)) {
    if (faults.duplicatesSucceed) return { fate: 'successes', message: 'Object already added' };
    if (dialect.duplicate === 'success') return { fate: 'successes' };
    return { fate: 'failures', message: 'Unable to process object' };
  }
  if (faults.afterRevocation === 'refused' && held.some(isRevoked))
    return { fate: 'failures', message: 'Object is revoked' };
  tallied(contents, object, { judgement, tally }, () => contents.add(version));
  if (isAmong(faults.overwritten, observable)) contents.add(overwriting(version));
  return { fate: 'successes' };
}

/** When the objects of one request are added: all at one instant, or one after the other. */
export function stampsFor({ addedTogether }: Dialect, requestedAt: string, stamp: () => string): () => string {
  return addedTogether ? () => requestedAt : stamp;
}

/** What is said of objects that are still under way. */
export function underWay(objects: readonly StixObject[], dialect: Dialect, requestedAt: string): Fates {
  const pendings = objects.map((object) => ({
    id: object.id,
    version: dialect.toldVersion(writtenVersion(object) ?? instantOf(requestedAt) ?? requestedAt),
  }));
  return { successes: [], failures: [], pendings };
}

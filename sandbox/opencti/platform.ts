import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import type { TipItem } from '../stand-in.ts';
import { changed, type Resolved, scoredBy } from './change-indicator.ts';
import { decayed } from './decay.ts';
import { type Indicator, indicator, isCurrent } from './indicator.ts';
import { marking } from './markings.ts';
import type { OpenCtiFaults } from './opencti-faults.ts';
import type { PushedObject } from './pushed-object.ts';
import { type IncomingIndicator, incomingIndicator, Refused } from './pushed-object.ts';
import { identity, References } from './references.ts';
import { standardId } from './standard-id.ts';
import { readPattern } from './stix-pattern.ts';
import { validPeriod } from './valid-period.ts';

/** Without an end and without a rule. (Source: OpenCTI, modules/decayRule: the built-in lifetimes differ by release and type.) */
const LIFETIME_DAYS = 365;

export const savedPlatform = z.object({
  indicators: z.array(indicator),
  markings: z.array(marking),
  identities: z.array(identity),
  counts: z.object({ duplicates: z.int(), updates: z.int(), withdrawn: z.int() }),
});
export type SavedPlatform = z.infer<typeof savedPlatform>;

/** What the platform knows. */
export class Platform {
  readonly references: References;
  readonly #indicators = new Map<string, Indicator>();
  readonly #byStixId = new Map<string, string>();
  readonly #counts = { duplicates: 0, updates: 0, withdrawn: 0 };

  constructor(saved: SavedPlatform | null) {
    this.references = new References(saved);
    for (const one of saved?.indicators ?? []) this.#keep(one);
    if (saved !== null) Object.assign(this.#counts, saved.counts);
  }

  /** In the order of creation. */
  indicators(): Indicator[] {
    return [...this.#indicators.values()];
  }

  /** Whether an indicator is known by this id, of whichever kind. */
  find(id: string): Indicator | null {
    return this.#indicators.get(this.#byStixId.get(id) ?? id) ?? null;
  }

  /** Scores fall, and what has decayed is revoked. */
  decay(now: number): void {
    for (const held of this.#indicators.values()) {
      const next = held.decay === null ? held : decayed(held, now);
      if (next !== held) this.#replace(held, { ...next, updatedAt: now }, now);
    }
  }

  /** Takes in one object. Throws `Refused`. */
  take(object: PushedObject, now: number, faults: OpenCtiFaults): void {
    if (object.type === 'indicator') this.#takeIndicator(object, now, faults);
    else this.references.take(object);
  }

  counts(now: number): { holds: number; duplicates: number; updates: number; withdrawn: number } {
    const held = this.indicators().filter((one) => isCurrent(one, now));
    return { holds: new Set(held.map(valueOf)).size, ...this.#counts };
  }

  items(now: number): TipItem[] {
    return this.indicators().map((one) => ({
      id: one.standardId,
      value: valueOf(one),
      state: !isCurrent(one, now) ? 'gone' : one.draft ? 'waiting' : 'held',
    }));
  }

  snapshot(): SavedPlatform {
    return { indicators: this.indicators(), ...this.references.snapshot(), counts: { ...this.#counts } };
  }

  #takeIndicator(object: PushedObject, now: number, faults: OpenCtiFaults): void {
    const input = incomingIndicator(object, faults.confidenceToScore);
    const { text, values } = checkedPattern(input, faults.excluded);
    const period = validPeriod(input, faults.decay?.lifetimeDays ?? LIFETIME_DAYS, now);
    if (period === null) throw new Refused('The valid until date must be greater than the valid from date');
    const resolved: Resolved = {
      input,
      scored: scoredBy(faults.decay, input.score, period),
      markings: this.references.markings(input.markingRefs),
      createdBy: this.references.author(input.createdByRef),
      strictest: (ids) => this.references.strictest(ids),
    };
    const id = standardId('indicator', { pattern: text.trim() });
    const received = formOf(input);
    const held = this.#indicators.get(id);
    if (held === undefined) {
      this.#keep({
        ...created(id, resolved, now, faults),
        pattern: text,
        values: [...values],
        ordinal: this.#indicators.size,
        received,
      });
      return;
    }
    if (held.received === received && isCurrent(held, now)) this.#counts.duplicates += 1;
    const next = changed(held, resolved, now, faults);
    // What is withdrawn is counted as that.
    if (next !== held && isCurrent(next, now)) this.#counts.updates += 1;
    this.#replace(held, { ...next, received }, now);
  }

  #replace(held: Indicator, next: Indicator, now: number): void {
    if (isCurrent(held, now) && !isCurrent(next, now)) this.#counts.withdrawn += 1;
    this.#keep(next);
  }

  #keep(one: Indicator): void {
    this.#indicators.set(one.standardId, one);
    for (const id of [one.internalId, ...one.stixIds]) this.#byStixId.set(id, one.standardId);
  }
}

function created(
  id: string,
  { input, scored, markings, createdBy }: Resolved,
  now: number,
  { userConfidence, draft }: OpenCtiFaults,
): Omit<Indicator, 'pattern' | 'values' | 'ordinal' | 'received'> {
  return {
    ...scored,
    internalId: randomUUID(),
    standardId: id,
    stixIds: input.stixId === id ? [] : [input.stixId],
    patternType: input.patternType,
    name: input.name,
    description: input.description,
    indicatorTypes: [...input.indicatorTypes],
    detection: input.detection,
    mainObservableType: input.mainObservableType,
    confidence: Math.min(userConfidence, input.confidence ?? userConfidence),
    labels: [...new Set(input.labels)],
    markings: [...markings],
    createdBy,
    created: input.created ?? now,
    createdAt: now,
    updatedAt: now,
    draft,
  };
}

/** (Source: OpenCTI, modules/indicator/indicator-domain, `validateIndicatorPattern`.) */
function checkedPattern({ pattern, patternType }: IncomingIndicator, excluded: readonly string[]) {
  const read = patternType.toLowerCase() === 'stix' ? readPattern(pattern) : { text: pattern, values: [pattern] };
  if (read === null || pattern === '')
    throw new Refused(`Indicator of type ${patternType} is not correctly formatted.`);
  if (read.values.some((value) => excluded.includes(value)))
    throw new Refused(`Indicator of type ${patternType} is contained in exclusion list.`);
  return read;
}

/** What was sent but for the instant of its making, so that the same again is known for it. */
function formOf(input: IncomingIndicator): string {
  return JSON.stringify({ ...input, created: null });
}

function valueOf({ values, pattern }: Indicator): string {
  return values[0] ?? pattern;
}

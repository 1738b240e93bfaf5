import { createHash } from 'node:crypto';
import * as fc from 'fast-check';
import type { ArrivingRow } from '../../sandbox/rows/arrived-row.ts';

/** What a source says of an indicator besides its observables. */
interface Content {
  readonly confidence: number;
  /** Days from now; null for no end. */
  readonly validDays: number | null;
  readonly tags: readonly string[];
  /** A marking by its id; null for none. */
  readonly marking: string | null;
}

/** One thing that happens at the source. `pick` chooses among the indicators that there are. */
type Event =
  | {
      readonly kind: 'new';
      readonly values: readonly number[];
      readonly form: 'plain' | 'spelled' | 'pattern';
      readonly content: Content;
    }
  | { readonly kind: 'edit'; readonly pick: number; readonly content: Content }
  | { readonly kind: 'drop an observable'; readonly pick: number }
  | { readonly kind: 'end'; readonly pick: number; readonly how: 'IsDeleted' | 'Revoked' | 'IsActive' }
  | { readonly kind: 'reactivate'; readonly pick: number }
  | { readonly kind: 'republish'; readonly pick: number }
  | { readonly kind: 'copy under another Id'; readonly pick: number }
  | { readonly kind: 'garbage'; readonly pick: number; readonly which: number };

export interface Happening {
  readonly event: Event;
  /** How long ago it was ingested when it can first be read. */
  readonly lateMs: number;
  /** Its rows arrive with the next step's, after what happens later. */
  readonly overtaken: boolean;
}

/** Everything arrives at most this late. */
export const LATEST_MS = 2_500;
/** Values of one story: few, so that several indicators speak of one. */
const VALUES = 20;

const content: fc.Arbitrary<Content> = fc.record({
  confidence: fc.integer({ min: 0, max: 100 }),
  validDays: fc.option(fc.integer({ min: 10, max: 14 }), { freq: 3 }),
  tags: fc.subarray(['campaign:alpha', 'campaign:beta', 'campaign:gamma']),
  marking: fc.constantFrom(
    null,
    'marking-definition--613f2e26-407d-48c7-9eca-b8e91df99dc9',
    'marking-definition--34098fce-860f-48ae-8e50-ebd3cc5e41da',
    'marking-definition--f88d31f6-486f-44da-b317-01333bde0b82',
    'marking-definition--5e57c739-391a-4eb3-b6be-7d15ca92d5ed',
  ),
});
const pick = fc.nat(999);
const event: fc.Arbitrary<Event> = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({
      kind: fc.constant('new' as const),
      values: fc.uniqueArray(fc.nat(VALUES - 1), { minLength: 1, maxLength: 3 }),
      form: fc.constantFrom('plain', 'plain', 'spelled', 'pattern'),
      content,
    }),
  },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('edit' as const), pick, content }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('drop an observable' as const), pick }) },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('end' as const),
      pick,
      how: fc.constantFrom('IsDeleted', 'Revoked', 'IsActive'),
    }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('reactivate' as const), pick }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('republish' as const), pick }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('copy under another Id' as const), pick }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('garbage' as const), pick, which: pick }) },
);

export const happenings: fc.Arbitrary<readonly Happening[]> = fc.array(
  fc.record({
    event,
    lateMs: fc.oneof(fc.constant(0), fc.integer({ min: 0, max: LATEST_MS })),
    overtaken: fc.nat(5).map((draw) => draw === 0),
  }),
  { minLength: 6, maxLength: 16 },
);

/** An indicator as the source has it now. */
interface Indicator {
  readonly id: string;
  form: 'plain' | 'spelled' | 'pattern';
  values: readonly number[];
  content: Content;
  ended: Partial<Pick<ArrivingRow, 'IsDeleted' | 'Revoked' | 'IsActive'>>;
  modified: string;
  /** The newest row of each observable that it ever named. */
  readonly rows: Map<string, ArrivingRow>;
}

/** The source: turns what happens into rows as Sentinel writes them. */
export class FeedStory {
  readonly #name: string;
  readonly #now: () => Date;
  readonly #indicators: Indicator[] = [];
  #ticks = 0;
  #ids = 0;

  /** The values of a story of one name are its own. */
  constructor(name: string, now: () => Date) {
    this.#name = name;
    this.#now = now;
  }

  rowsOf(happened: Event): readonly ArrivingRow[] {
    if (happened.kind === 'new') return this.#begin(happened.values, happened.form, happened.content);
    const known = this.#indicators[happened.pick % Math.max(1, this.#indicators.length)];
    if (happened.kind === 'garbage') return [this.#garbage(happened.which, known)];
    if (known === undefined) return [];
    switch (happened.kind) {
      case 'edit':
        return this.#edited(known, { content: happened.content });
      case 'drop an observable':
        return known.values.length > 1 ? this.#edited(known, { values: known.values.slice(1) }) : [];
      case 'end':
        return this.#edited(known, { ended: { [happened.how]: happened.how !== 'IsActive' } });
      case 'reactivate':
        return this.#edited(known, { ended: {} });
      case 'republish':
        return this.#republished(known);
      case 'copy under another Id':
        return this.#begin(known.values, known.form, known.content);
    }
  }

  #begin(values: readonly number[], form: Indicator['form'], said: Content): readonly ArrivingRow[] {
    this.#ids += 1;
    const id = `indicator--${this.#name}-${this.#ids}`;
    const begun: Indicator = { id, form, values, content: said, ended: {}, modified: '', rows: new Map() };
    this.#indicators.push(begun);
    return this.#edited(begun, {});
  }

  #edited(one: Indicator, change: Partial<Pick<Indicator, 'values' | 'content' | 'ended'>>): readonly ArrivingRow[] {
    Object.assign(one, change);
    one.modified = this.#tick();
    const observables = one.values.map((value) => observable(this.#name, value, one.form === 'spelled'));
    const pattern = `[${observables.map(({ key, value }) => `${key} = '${value}'`).join(' OR ')}]`;
    const named =
      one.form === 'pattern'
        ? [{ ObservableKey: '', ObservableValue: '' }]
        : observables.map(({ key, value }) => ({ ObservableKey: key, ObservableValue: value }));
    const rows: ArrivingRow[] = [];
    for (const cells of named) {
      const row = { ...this.#rowOf(one), ...cells, Pattern: pattern };
      one.rows.set(`${cells.ObservableKey} ${cells.ObservableValue}`, row);
      rows.push(row);
    }
    return rows;
  }

  /** All that the Id ever named, also what an edit has dropped since. */
  #republished(one: Indicator): readonly ArrivingRow[] {
    const rows: ArrivingRow[] = [];
    for (const row of one.rows.values()) {
      rows.push({ ...row, TimeGenerated: this.#tick(), LastUpdateMethod: 'LogARepublisher' });
    }
    return rows;
  }

  #garbage(which: number, beside: Indicator | undefined): ArrivingRow {
    const broken = [
      { ObservableKey: 'mutex:name', ObservableValue: `lock-${which}` },
      { ObservableKey: 'ipv4-addr:value', ObservableValue: 'no address at all' },
      { Pattern: `[domain-name:value MATCHES '^x${which}']` },
      { Pattern: "[url:value = 'http://cut-off.example.com/" },
      {},
    ];
    const id = which % 2 === 0 ? beside?.id : undefined;
    return {
      Id: id ?? `indicator--${this.#name}-broken-${which}`,
      TimeGenerated: this.#tick(),
      Data: { labels: [] },
      ...broken[which % broken.length],
    };
  }

  #rowOf({ id, content: said, ended, modified }: Indicator): ArrivingRow {
    const now = this.#now().getTime();
    const { confidence, validDays, tags, marking } = said;
    return {
      Id: id,
      TimeGenerated: this.#tick(),
      Modified: modified,
      Confidence: confidence,
      ValidUntil: validDays === null ? null : new Date(now + validDays * 86_400_000).toISOString(),
      Tags: tags.join(','),
      Data: { indicator_types: ['malicious-activity'], object_marking_refs: marking === null ? [] : [marking] },
      ...ended,
    };
  }

  /** Now, and never the same twice: Kusto's times have seven digits. */
  #tick(): string {
    this.#ticks += 1;
    return `${this.#now().toISOString().slice(0, 19)}.${String(this.#ticks).padStart(7, '0')}Z`;
  }
}

/** Spelled: in a form that is not the canonical one. */
function observable(story: string, number: number, spelled: boolean): { readonly key: string; readonly value: string } {
  const digest = createHash('sha256').update(`${story} ${number}`).digest('hex');
  const octet = (Number.parseInt(digest.slice(0, 2), 16) % 250) + 1;
  switch (number % 7) {
    case 0:
    case 1: {
      const network = number % 5 === 0 ? '192.0.2' : number % 2 === 0 ? '198.51.100' : '203.0.113';
      const address = `${network}.${octet}`;
      return { key: 'ipv4-addr:value', value: spelled ? address.replaceAll('.', '[.]') : address };
    }
    case 2:
      return { key: 'ipv6-addr:value', value: `2001:db8:${octet.toString(16)}::${(number + 1).toString(16)}` };
    case 3: {
      const name = `h${number}-${story}.${number === 10 ? 'listed.example.net' : 'example.com'}`;
      return { key: 'domain-name:value', value: spelled ? `${name.toUpperCase()}.` : name };
    }
    case 4:
      return { key: 'url:value', value: `http://files.example.com/${story}/${number}?A=b` };
    case 5:
      return { key: "file:hashes.'SHA-256'", value: digest };
    default:
      return {
        key: 'email-addr:value',
        value: `user${number}-${story}@${number === 6 ? 'listed.example.net' : 'example.com'}`,
      };
  }
}

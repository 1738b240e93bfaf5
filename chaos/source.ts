import type { ArrivingRow } from '../sandbox/rows/arrived-row.ts';
import { FeedStory, type Happening, LATEST_MS } from '../test/e2e/feed-story.ts';
import type { Stack } from '../test/e2e/stack.ts';
import type { Draw } from './draw.ts';

type Event = Happening['event'];

const MARKINGS = [
  null,
  null,
  'marking-definition--613f2e26-407d-48c7-9eca-b8e91df99dc9',
  'marking-definition--34098fce-860f-48ae-8e50-ebd3cc5e41da',
  'marking-definition--f88d31f6-486f-44da-b317-01333bde0b82',
  'marking-definition--5e57c739-391a-4eb3-b6be-7d15ca92d5ed',
] as const;
const CAMPAIGNS = ['campaign:alpha', 'campaign:beta', 'campaign:gamma'];
/** Values of one story: fewer than its rows, so that several indicators speak of one. */
const VALUES = 400;

/** The rows of one story: new, edited, ended, revived, republished, copied and broken ones, on time and late. */
export class Source {
  readonly #draw: Draw;
  readonly #stack: Stack;
  readonly #set: Partial<ArrivingRow>;
  readonly #feed: FeedStory;
  readonly #arrived: ArrivingRow[] = [];
  /** Indicators that were begun. */
  #begun = 0;
  /** Rows that newer ones have overtaken. */
  #overtaken: ArrivingRow[] = [];

  /** `set` is the same in all of its rows. */
  constructor(
    draw: Draw,
    stack: Stack,
    { name, set = {} }: { readonly name: string; readonly set?: Partial<ArrivingRow> },
  ) {
    this.#draw = draw;
    this.#stack = stack;
    this.#set = set;
    this.#feed = new FeedStory(name, () => new Date());
  }

  /** All that arrived so far: what the model is made of. */
  get arrived(): readonly ArrivingRow[] {
    return this.#arrived;
  }

  /** Something happens at the source so many times, and its rows arrive, some of them late. */
  async happen(times: number): Promise<void> {
    const onTime: ArrivingRow[] = [];
    const late = this.#overtaken;
    this.#overtaken = [];
    for (let time = 0; time < times; time += 1) {
      const rows = this.#feed.rowsOf(this.#event());
      (this.#draw.chance(0.1) ? this.#overtaken : onTime).push(...rows);
    }
    await this.#arrive([...onTime, ...late], () => (this.#draw.chance(0.3) ? this.#draw.below(LATEST_MS) : 0));
  }

  /** The same, spread evenly over a stretch of the past. */
  async happened(times: number, agoMs: { readonly from: number; readonly to: number }): Promise<void> {
    const rows = Array.from({ length: times }, () => this.#feed.rowsOf(this.#event())).flat();
    let row = 0;
    await this.#arrive(rows, () => {
      row += 1;
      return agoMs.from - ((agoMs.from - agoMs.to) * row) / (rows.length + 1);
    });
  }

  /** Everything once more, as the service does every week or so: the same content, fresh times. */
  async republish(): Promise<void> {
    const rows = Array.from({ length: this.#begun }, (_, pick) => this.#feed.rowsOf({ kind: 'republish', pick }));
    await this.#arrive(rows.flat(), () => 0);
  }

  /** What newer rows have overtaken arrives at last. */
  async finish(): Promise<void> {
    const late = this.#overtaken;
    this.#overtaken = [];
    await this.#arrive(late, () => 0);
  }

  async #arrive(rows: readonly ArrivingRow[], lateMs: () => number): Promise<void> {
    if (rows.length === 0) return;
    const now = Date.now();
    const dated = rows.map((row) => ({ ...row, ...this.#set, IngestionTime: new Date(now - lateMs()).toISOString() }));
    // Before they are there: a story that fails here has them in its model.
    this.#arrived.push(...dated);
    await this.#stack.control('POST', '/rows', dated);
  }

  #event(): Event {
    const event = this.#drawEvent();
    // A copy of nothing is nothing; one too many here repeats one.
    if (event.kind === 'new' || event.kind === 'copy under another Id') this.#begun += 1;
    return event;
  }

  #drawEvent(): Event {
    const draw = this.#draw;
    const pick = draw.below(1_000);
    const kind = draw.below(20);
    if (kind < 10) return this.#new();
    if (kind < 13) return { kind: 'edit', pick, content: this.#content() };
    if (kind < 14) return { kind: 'drop an observable', pick };
    if (kind < 16) return { kind: 'end', pick, how: draw.pick(['IsDeleted', 'Revoked', 'IsActive']) };
    if (kind < 17) return { kind: 'reactivate', pick };
    if (kind < 18) return { kind: 'republish', pick };
    if (kind < 19) return { kind: 'copy under another Id', pick };
    return { kind: 'garbage', pick, which: draw.below(1_000) };
  }

  #new(): Event {
    const draw = this.#draw;
    const values = new Set(Array.from({ length: draw.between(1, 3) }, () => draw.below(VALUES)));
    return {
      kind: 'new',
      values: [...values],
      form: draw.pick(['plain', 'plain', 'spelled', 'pattern']),
      content: this.#content(),
    };
  }

  #content() {
    const draw = this.#draw;
    return {
      confidence: draw.below(101),
      validDays: draw.chance(0.7) ? draw.between(10, 12) : null,
      tags: draw.some(CAMPAIGNS, 0.3),
      marking: draw.pick(MARKINGS),
    };
  }
}

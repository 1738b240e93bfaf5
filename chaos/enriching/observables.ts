import type { Artifact } from '../../sandbox/threatstream/artifacts.ts';
import { madeUpArtifacts } from '../../sandbox/threatstream/made-up-artifacts.ts';
import type { Stack } from '../../test/e2e/stack.ts';
import type { Draw } from '../draw.ts';
import type { Tally } from '../tally.ts';
import { hostIn } from './host-in.ts';
import { Reputations } from './reputations.ts';

/** An observable that ThreatStream holds, with what others have said of it: ours comes on top. */
export interface Observable extends Pick<Artifact, 'type' | 'value' | 'owner' | 'status' | 'confidence' | 'tags'> {
  readonly id: number;
  readonly host: string | null;
}

/** More than any story has. */
const MOST = 100_000;
/** As analysts may set them, or take them off, by hand. */
const OURS = [
  'mdti:malicious',
  'mdti:suspicious',
  'mdti-score:50-74',
  'mdti-score:75-89',
  'mdti-score:90-100',
] as const;

/** What happens in ThreatStream and MDTI in one story, without the product: observables come, are tagged by hand and go, and reputations change. */
export class Observables {
  readonly minimumScore: number;
  readonly reputations: Reputations;
  readonly #draw: Draw;
  readonly #stack: Stack;
  readonly #troubles: Tally;
  readonly #coming: Generator<Artifact>;
  readonly #there = new Map<number, Observable>();
  readonly #values = new Set<string>();
  #last = 0;

  constructor(
    draw: Draw,
    stack: Stack,
    { minimumScore, troubles }: { readonly minimumScore: number; readonly troubles: Tally },
  ) {
    this.#draw = draw;
    this.#stack = stack;
    this.#troubles = troubles;
    this.minimumScore = minimumScore;
    this.reputations = new Reputations(draw.fork('reputations'), stack, minimumScore);
    this.#coming = madeUpArtifacts({ count: MOST, seed: draw.below(1_000_000) });
  }

  /** Those that are there now. */
  get there(): readonly Observable[] {
    return [...this.#there.values()];
  }

  /** Of all that ever were. */
  get values(): ReadonlySet<string> {
    return this.#values;
  }

  /** So many times something happens, all at once. */
  async happen(times: number): Promise<void> {
    const events = Array.from({ length: times }, () => this.#draw.below(20));
    const of = (from: number, to: number): number => events.filter((event) => event >= from && event < to).length;
    await this.#come(2 * of(0, 11));
    for (let time = 0; time < of(11, 15); time += 1) await this.#retag();
    await this.#go(of(15, 16));
    this.#troubles.add('reputation changed', await this.reputations.change(of(16, 20)));
  }

  async #come(count: number): Promise<void> {
    const artifacts: Artifact[] = [];
    const hosts: string[] = [];
    for (let number = 0; number < count; number += 1) {
      const artifact = this.#coming.next();
      if (artifact.done === true) break;
      const { type, value, owner, status, confidence, tags } = artifact.value;
      this.#last += 1;
      const host = hostIn(type, value);
      this.#there.set(this.#last, { id: this.#last, type, value, owner, status, confidence, tags, host });
      this.#values.add(value);
      artifacts.push({ ...artifact.value, id: this.#last });
      if (host !== null) hosts.push(host);
    }
    if (artifacts.length === 0) return;
    await this.reputations.meet(hosts);
    await this.#stack.control('POST', '/tips/threatstream/artifacts', { artifacts });
  }

  /** Somebody tags it otherwise; with tags of ours, too, which that are selected do not keep. */
  async #retag(): Promise<void> {
    const found = this.#some();
    if (found === undefined) return;
    const { id, tags } = found;
    const added = this.#draw.pick([[{ name: `by-hand-${this.#draw.below(1_000)}`, tlp: 'red' }], []]);
    const removed = this.#draw.some(
      tags.map(({ name }) => name),
      0.3,
    );
    const set = this.#draw.some(OURS, 0.15).map((name) => ({ name, tlp: 'red' }));
    const cleared = this.#draw.some(OURS, 0.4);
    this.#there.set(id, { ...found, tags: [...tags.filter(({ name }) => !removed.includes(name)), ...added] });
    const change = { id, add: [...added, ...set], remove: [...removed, ...cleared] };
    await this.#stack.control('POST', '/tips/threatstream/retag', change);
    this.#troubles.add('tagged by hand');
  }

  async #go(count: number): Promise<void> {
    const ids = Array.from({ length: count }, () => this.#some()?.id ?? 0).filter((id) => id > 0);
    for (const id of ids) this.#there.delete(id);
    if (ids.length > 0) await this.#stack.control('POST', '/tips/threatstream/delete', { ids });
    this.#troubles.add('deleted by hand', ids.length);
  }

  /** One that is selected. */
  #some(): Observable | undefined {
    const active = this.there.filter(({ status }) => status === 'active');
    return active[this.#draw.below(Math.max(1, active.length))];
  }
}

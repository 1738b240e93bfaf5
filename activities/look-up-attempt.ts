import { cancellationSignal } from '@temporalio/activity';
import { progressed } from '../delivery/progress.ts';
import { Fault } from '../indicators/fault.ts';
import { afterFailure, isAskedAlone } from '../indicators/look-up-effort.ts';
import type { Reputation } from '../indicators/reputation.ts';
import { type FailedLookUp, recordFailedLookUps } from '../ledger/look-up-failures.ts';
import { claimHosts, releaseHosts, renewLeases, saveReputations } from '../ledger/reputations.ts';
import type { Parts } from './parts.ts';

/** A worker that dies holds the hosts that it was asking for up for no longer than this. */
const LEASE_MS = 120_000;
const RENEW_EVERY_MS = 30_000;
/** An answer stands this long for MDTI answering others: a failure after that may be an outage. */
const HEARD_MS = 10_000;

interface FailedHost {
  readonly host: string;
  readonly fault: Fault;
}

/** One attempt of a step at looking hosts up. What is found, and what has failed, is in the ledger with each call. */
export class LookUpAttempt {
  readonly #parts: Parts;
  readonly #pipeline: string | null;
  /** In whose name hosts are leased. */
  readonly #me: string;
  readonly #known: Map<string, Reputation>;
  readonly #failed: ReadonlyMap<string, FailedLookUp>;
  #lookedUp = 0;
  #heardAt: number | null = null;
  #throttled: Fault | null = null;
  #isOver = false;

  /** `known` gets what is found; `failed` is what has failed before. */
  constructor(
    parts: Parts,
    about: { readonly pipeline: string | null; readonly me: string },
    known: Map<string, Reputation>,
    failed: ReadonlyMap<string, FailedLookUp>,
  ) {
    this.#parts = parts;
    this.#pipeline = about.pipeline;
    this.#me = about.me;
    this.#known = known;
    this.#failed = failed;
  }

  /** Hosts that it asked for. */
  get lookedUp(): number {
    return this.#lookedUp;
  }

  /** Looks up what nobody else is looking up. Throws what concerns more than single hosts; those are written down. */
  async run(hosts: readonly string[]): Promise<void> {
    const { ledger, lookUpConcurrency, now } = this.#parts;
    const calls = this.#callsOf(hosts);
    // A lease that could not be renewed costs a look-up that is made twice, no more.
    const renew = (): Promise<void> => renewLeases(ledger, this.#me, LEASE_MS, now()).catch(() => undefined);
    const renewing = setInterval(() => void renew(), RENEW_EVERY_MS);
    try {
      const lanes = await Promise.allSettled(Array.from({ length: lookUpConcurrency }, () => this.#lane(calls)));
      const broken = lanes.flatMap((lane): unknown[] => (lane.status === 'rejected' ? [lane.reason] : []));
      const worst = broken.find((reason) => reason instanceof Fault && reason.kind === 'Refused') ?? broken[0];
      if (worst !== undefined) throw worst;
      if (this.#throttled !== null) throw this.#throttled;
    } finally {
      clearInterval(renewing);
      await releaseHosts(ledger, this.#me);
    }
  }

  /** One that has failed several times may be what fails the others in its call. */
  #callsOf(hosts: readonly string[]): string[][] {
    const isAlone = (host: string): boolean => isAskedAlone(this.#failed.get(host)?.failures ?? 0);
    const together = hosts.filter((host) => !isAlone(host));
    const { hostsPerCall } = this.#parts.reputations;
    const calls = hosts.filter(isAlone).map((host) => [host]);
    for (let at = together.length - (together.length % hostsPerCall); at >= 0; at -= hostsPerCall) {
      if (at < together.length) calls.unshift(together.slice(at, at + hostsPerCall));
    }
    return calls;
  }

  async #lane(calls: string[][]): Promise<void> {
    for (let call = calls.shift(); call !== undefined && !this.#isOver; call = calls.shift()) {
      try {
        await this.#lookUp(call);
      } catch (error) {
        this.#isOver = true;
        throw error;
      }
    }
  }

  async #lookUp(hosts: readonly string[]): Promise<void> {
    const { ledger, now } = this.#parts;
    // Leased when its turn comes: what waits is free for others meanwhile.
    const mine = await claimHosts(ledger, hosts, this.#me, LEASE_MS, now());
    if (mine.length === 0) return;
    this.#lookedUp += mine.length;
    let failed = await this.#ask(mine);
    // A failure of the service now and then is not to count against a host that is asked for by itself.
    if (mine.length === 1 && failed[0]?.fault.kind === 'Unavailable') failed = await this.#ask(mine);
    if (failed.length === 0) return;
    await this.#makeSureThatOthersAreAnswered();
    const at = now();
    const records = failed.map(({ host, fault }) => {
      const { failures, tryAt, givenUp } = afterFailure(this.#failed.get(host)?.failures ?? 0, fault, at);
      return { host, failures, tryAt, givenUp, failure: fault.message };
    });
    await recordFailedLookUps(ledger, records, this.#me);
  }

  /** Returns the hosts that failed, be it by themselves or with the whole call; being throttled is nobody's failure. */
  async #ask(hosts: readonly string[]): Promise<readonly FailedHost[]> {
    const { reputations, telemetry, now } = this.#parts;
    let outcomes: Awaited<ReturnType<typeof reputations.lookUp>>;
    try {
      outcomes = await reputations.lookUp(hosts, cancellationSignal());
    } catch (error) {
      if (!(error instanceof Fault) || error.kind === 'Refused' || error.kind === 'Throttled') throw error;
      return hosts.map((host) => ({ host, fault: error }));
    }
    const known = outcomes.flatMap((outcome) => (outcome.kind === 'known' ? [outcome] : []));
    const failed = outcomes.flatMap((outcome) => (outcome.kind === 'failed' ? [outcome] : []));
    await this.#keep(known);
    const scored = known.filter(({ reputation }) => reputation.kind === 'scored').length;
    telemetry.lookedUp(this.#pipeline, { scored, noReputation: known.length - scored, failed: failed.length });
    if (known.length > 0) {
      this.#heardAt = now().getTime();
      progressed({ known: this.#known.size });
    }
    this.#throttled ??= failed.find(({ fault }) => fault.kind === 'Throttled')?.fault ?? null;
    return failed.filter(({ fault }) => fault.kind !== 'Throttled');
  }

  /** Call by call, so that a retry asks only for what is still missing. */
  async #keep(known: readonly { readonly host: string; readonly reputation: Reputation }[]): Promise<void> {
    const { ledger, reputationTtlMs } = this.#parts;
    const now = this.#parts.now();
    const rows = known.map(({ host, reputation }) => ({
      host,
      reputation,
      expiresAt: new Date(now.getTime() + reputationTtlMs[reputation.kind]),
    }));
    await saveReputations(ledger, rows, now);
    for (const { host, reputation } of known) this.#known.set(host, reputation);
  }

  /** Throws why not: while nothing is answered, no failure counts against a host. */
  async #makeSureThatOthersAreAnswered(): Promise<void> {
    const { reputations, now } = this.#parts;
    if (this.#heardAt !== null && now().getTime() - this.#heardAt <= HEARD_MS) return;
    await reputations.probe(cancellationSignal());
    this.#heardAt = now().getTime();
  }
}

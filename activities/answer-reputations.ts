import { type HostReputation, reputationsAsked } from '../exchange/messages.ts';
import { type Place, seal, unseal } from '../exchange/sealed.ts';
import { Fault } from '../indicators/fault.ts';
import { canonicalHost } from '../indicators/host.ts';
import type { Rule } from '../indicators/reputation.ts';
import { excerpt } from '../indicators/storable-text.ts';
import { takeUpExchange } from '../ledger/exchanges.ts';
import { fetchedAt } from '../ledger/reputations.ts';
import { type LookedUp, lookUpHosts } from './look-up-hosts.ts';
import type { Parts } from './parts.ts';

export interface ReputationsQuestion {
  readonly exchange: string;
  readonly part: number;
  /** As `reputationsAsked` has it. */
  readonly sealed: string;
}

export interface SealedReputations {
  /** As `reputationsAnswered` has it. */
  readonly sealed: string;
}

/** Of an answer, as JSON: sealed it is half as long again, and Temporal warns of half a megabyte. */
const LONGEST_ANSWER = 300_000;
/** MDTI has some dozens, with names of some words. */
const MOST_RULES = 100;
const LONGEST_WORDS = 200;

/** The reputations of hosts that a command asks for; those that nobody knows are looked up, as those of a pipeline are. */
export async function answerReputations(
  parts: Parts,
  { exchange: id, part, sealed }: ReputationsQuestion,
): Promise<SealedReputations> {
  const exchange = await takeUpExchange(parts.ledger, id, parts.now());
  if (exchange === null) {
    throw new Fault(
      'Refused',
      'The exchange with this command is over, since nothing was heard of it for an hour: run the command again. What was looked up is kept.',
    );
  }
  const place: Omit<Place, 'direction'> = { exchange: id, part };
  const hosts = hostsIn(unseal(exchange.secret, { ...place, direction: 'question' }, sealed));
  const found = await lookUpHosts(parts, null, hosts);
  const times = await fetchedAt(parts.ledger, hosts);
  const reputations = asManyAsFit(hosts.map((host) => reputationOf(host, found, times.get(host), exchange.openedAt)));
  return { sealed: seal(exchange.secret, { ...place, direction: 'answer' }, JSON.stringify({ reputations })) };
}

/** What does not open, or holds what is no host, comes from no command of ours: it is not asked for. */
function hostsIn(text: string | null): readonly string[] {
  if (text === null) {
    throw new Fault('Refused', 'The question was not sealed for this place of its exchange: it is not answered.');
  }
  const { hosts } = reputationsAsked.safeParse(parsed(text)).data ?? { hosts: [] };
  if (hosts.length === 0 || new Set(hosts).size < hosts.length || !hosts.every(isCanonical)) {
    throw new Fault(
      'Refused',
      'The question is not one that a worker of this release knows: use the command of its release.',
    );
  }
  return hosts;
}

/** Null for what is no JSON, of which the parser's error would quote a part. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

function isCanonical(host: string): boolean {
  const canonical = canonicalHost(host);
  return canonical.ok && canonical.key.value === host;
}

function reputationOf(
  host: string,
  { known, givenUp }: LookedUp,
  fetched: Date | undefined,
  openedAt: Date,
): HostReputation {
  const given = givenUp.get(host);
  if (given !== undefined) {
    return { kind: 'failed', why: given.why, failure: given.failure, until: given.until.toISOString() };
  }
  const reputation = known.get(host);
  if (reputation === undefined || fetched === undefined) {
    throw new Error('A question is not answered without the reputation of each of its hosts.');
  }
  const checked = { checked: fetched.toISOString(), isNew: fetched >= openedAt };
  if (reputation.kind === 'none') return { kind: 'none', ...checked };
  const { score, classification, rules } = reputation;
  return {
    kind: 'scored',
    score,
    classification: excerpt(classification, LONGEST_WORDS),
    rules: rules.slice(0, MOST_RULES).map(named),
    ...checked,
  };
}

function named({ name, severity }: Rule): { readonly name: string; readonly severity: string } {
  return { name: excerpt(name, LONGEST_WORDS), severity: excerpt(severity, LONGEST_WORDS) };
}

/** The first ones, which are at least one; for the others the command asks again, and they are known by then. */
function asManyAsFit(reputations: readonly HostReputation[]): readonly HostReputation[] {
  let length = 0;
  const fitting = reputations.findIndex((one) => {
    length += JSON.stringify(one).length;
    return length > LONGEST_ANSWER;
  });
  return fitting === -1 ? reputations : reputations.slice(0, Math.max(1, fitting));
}

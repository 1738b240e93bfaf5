import type { TokenCredential } from '@azure/identity';
import { bearerToken } from '../azure/bearer-token.ts';
import { type KeptCredential, refusesToken, withNewToken } from '../azure/kept-credential.ts';
import type { HttpClient, HttpReply } from '../http/http-client.ts';
import { retryAfterMs } from '../http/retry-after.ts';
import { Fault } from '../indicators/fault.ts';
import type { Pace } from '../rates/pace.ts';
import { batchCall, isBatchAnswer, singleCall } from './graph-calls.ts';
import { GRAPH, type HostAnswer, missingLicence, type Reading, readAnswer, unreadableWhatever } from './host-answer.ts';
import type { HostOutcome, ReputationSource } from './reputation-source.ts';

export interface MdtiSettings {
  /** `https://graph.microsoft.com/v1.0`, without a slash at the end. */
  readonly endpoint: string;
  /** `https://graph.microsoft.com/.default`. */
  readonly scope: string;
  readonly mode: 'batch' | 'single';
  /**
   * So many calls running, with no success between, may fail with the 500 that stands for a missing licence before it is taken
   * for one. 5 when left out.
   */
  readonly licenceFailures?: number;
}

export interface MdtiParts {
  readonly http: HttpClient;
  readonly credential: KeptCredential;
  readonly pace: Pace;
  readonly now: () => Date;
}

const LICENCE_FAILURES = 5;
/** Asked for to see whether MDTI answers at all, as long as it has answered for none: any host that exists will do. */
const PROBE_HOST = 'microsoft.com';

/** MDTI's reputations, from Microsoft Graph. */
export function createReputationSource(settings: MdtiSettings, parts: MdtiParts): ReputationSource {
  const { http, pace, now } = parts;
  const call = settings.mode === 'batch' ? batchCall(settings.endpoint) : singleCall(settings.endpoint);
  const limit = settings.licenceFailures ?? LICENCE_FAILURES;
  let failuresRunning = 0;
  /** A host that was answered for, and has not failed since. */
  let answered: string | null = null;

  async function ask(hosts: readonly string[], signal: AbortSignal): Promise<readonly (HostAnswer | null)[]> {
    const { reply, answers } = await withNewToken(
      parts.credential,
      async (credential) => {
        const given = await askOnce(credential, hosts, signal);
        return { reply: given, answers: refusesToken(given.status) ? null : call.answers(hosts, given, now()) };
      },
      (given) => given.answers === null || isRefused(given.answers),
    );
    return answers ?? call.answers(hosts, reply, now());
  }

  async function askOnce(
    credential: TokenCredential,
    hosts: readonly string[],
    signal: AbortSignal,
  ): Promise<HttpReply> {
    // Graph counts each host of a batch.
    await pace.before(signal, hosts.length);
    const reply = await http.send({
      ...call.request(hosts),
      headers: {
        authorization: `Bearer ${await bearerToken(credential, settings.scope, signal, now)}`,
        accept: 'application/json',
        'content-type': 'application/json',
      },
      signal,
    });
    if (reply.status === 429) await pace.throttled(retryAfterMs(reply.headers, reply.text, now()));
    // What became of the hosts of a batch stands inside it.
    else if (call.hostsPerCall === 1 || !isBatchAnswer(reply)) pace.answered(hosts.length);
    return reply;
  }

  async function read(hosts: readonly string[], signal: AbortSignal): Promise<readonly (Reading | null)[]> {
    const answers = await ask(hosts, signal);
    const readings = answers.map((answer) => (answer === null ? null : readAnswer(answer, now())));
    if (call.hostsPerCall > 1) await tell(pace, readings);
    return readings;
  }

  /** A call that is declined although others are taken is about the hosts in it. */
  async function readOrIsolate(hosts: readonly string[], signal: AbortSignal): Promise<readonly (Reading | null)[]> {
    try {
      return await read(hosts, signal);
    } catch (error) {
      if (!(error instanceof Fault) || error.kind !== 'Rejected') throw error;
      await probe(signal);
      if (hosts.length > 1) throw new Fault('Unavailable', `${GRAPH} declined a $batch for one of its hosts.`);
      return [{ kind: 'failed', fault: new Fault('Malformed', `${GRAPH} declines the request for this host.`) }];
    }
  }

  /** Counts calls, not hosts: an outage of a second must not look like a missing licence because a batch has twenty hosts. */
  function countLicenceFailures(readings: readonly (Reading | null)[]): void {
    if (readings.some((reading) => reading?.kind === 'known')) failuresRunning = 0;
    else if (readings.some((reading) => reading?.kind === 'licence-or-outage')) failuresRunning += 1;
  }

  async function probe(signal: AbortSignal): Promise<void> {
    const reading = await readProbe(signal);
    countLicenceFailures([reading]);
    if (reading?.kind === 'known') return;
    if (reading?.kind === 'licence-or-outage' && failuresRunning >= limit) throw missingLicence(failuresRunning);
    const fault = reading?.fault ?? leftOut();
    throw fault.kind === 'Malformed' ? unreadableWhatever(fault.message) : fault;
  }

  async function readProbe(signal: AbortSignal): Promise<Reading | null> {
    try {
      const [reading = null] = await read([answered ?? PROBE_HOST], signal);
      return reading;
    } catch (error) {
      if (error instanceof Fault && error.kind === 'Rejected') throw new Fault('Refused', error.message);
      throw error;
    }
  }

  /** What is refused for some hosts and not for others is about those hosts. */
  async function othersAreAnswered(signal: AbortSignal): Promise<boolean> {
    return (await readProbe(signal))?.kind === 'known';
  }

  return {
    hostsPerCall: call.hostsPerCall,
    async lookUp(hosts, signal) {
      if (hosts.length === 0) return [];
      if (hosts.length > call.hostsPerCall) {
        throw new RangeError(`${hosts.length} hosts in one call; ${call.hostsPerCall} is the most.`);
      }
      const readings = await readOrIsolate(hosts, signal);
      const known = hosts.filter((_, at) => readings[at]?.kind === 'known');
      if (known[0] !== undefined) answered = known[0];
      else if (answered !== null && hosts.includes(answered)) answered = null;
      const refused = readings.find((reading) => reading?.kind === 'refused');
      if (refused?.kind === 'refused' && known.length === 0 && !(await othersAreAnswered(signal))) throw refused.fault;
      countLicenceFailures(readings);
      // One host may fail so for ever; it is the licence only if another one does, too.
      if (failuresRunning >= limit) await probe(signal);
      return hosts.map((host, at) => outcomeOf(host, readings[at] ?? null));
    },
    probe,
  };
}

/** Some are refused, and none is answered for: then it is no matter of the hosts. */
function isRefused(answers: readonly (HostAnswer | null)[]): boolean {
  const statuses = answers.flatMap((answer) => (answer === null ? [] : [answer.status]));
  return statuses.some(refusesToken) && !statuses.some((status) => status === 200 || status === 404);
}

/** An inner 429 concerns the whole budget: the longest wait that any of them asks for. */
async function tell(pace: Pace, readings: readonly (Reading | null)[]): Promise<void> {
  const waits = readings.flatMap((reading) =>
    reading?.kind === 'failed' && reading.fault.kind === 'Throttled' ? [reading.fault.retryAfterMs ?? 0] : [],
  );
  if (waits.length < readings.length) pace.answered(readings.length - waits.length);
  if (waits.length === 0) return;
  const longest = Math.max(...waits);
  await pace.throttled(longest === 0 ? undefined : longest);
}

function outcomeOf(host: string, reading: Reading | null): HostOutcome {
  if (reading === null) return { host, kind: 'failed', fault: leftOut() };
  if (reading.kind === 'known') return { host, kind: 'known', reputation: reading.reputation };
  if (reading.kind !== 'refused') return { host, kind: 'failed', fault: reading.fault };
  // Others were answered in the same call: it is about this host.
  return { host, kind: 'failed', fault: new Fault('Malformed', reading.fault.message) };
}

function leftOut(): Fault {
  return new Fault('Unavailable', `${GRAPH} left a host out of its batch answer.`);
}

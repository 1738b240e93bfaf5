import { createRateLimit } from '../graph/rate-limit.ts';
import type { Given, Tip } from '../stand-in.ts';
import type { WireAnswer, WireRequest } from '../wire.ts';
import { isSignedIn } from './authorisation.ts';
import { beforeTheServer, targetOf } from './before-the-server.ts';
import type { Dialect } from './dialect.ts';
import { redirection } from './html-page.ts';
import { Library } from './library.ts';
import { createMedallion } from './medallion/medallion.ts';
import { createOpenTaxii } from './opentaxii/opentaxii.ts';
import { METHODS, type Place, placeOf } from './path.ts';
import { Refused } from './refused.ts';
import { createRoutes } from './routes.ts';
import type { TaxiiFaults } from './taxii-faults.ts';

/** A TAXII 2.1 server, like one of two that there are. (Source: TAXII 2.1, OASIS Standard, 10 June 2021.) */
export function createTaxiiApi(given: Given<TaxiiFaults>): Tip {
  const { faults: faultsNow, now, address } = given;
  const library = new Library(given);
  if (given.restore !== undefined) library.restore(given.restore);
  const dialects: Readonly<Record<TaxiiFaults['duplicates'], Dialect>> = {
    medallion: createMedallion(now),
    opentaxii: createOpenTaxii(),
  };
  const limit = createRateLimit(given.perSecond, () => performance.now());
  const routes = createRoutes(library, address);
  const counts = { requests: 0, throttled: 0 };

  const troubled = (dialect: Dialect, faults: TaxiiFaults): WireAnswer | null => {
    const { everyNth503, retryAfterSeconds } = faults;
    if (everyNth503 > 0 && counts.requests % everyNth503 === 0)
      return withRetryAfter(dialect.refusal('unavailable'), retryAfterOf(faults, now()), retryAfterSeconds !== null);
    const wait = limit.take();
    if (wait === 0) return null;
    counts.throttled += 1;
    return withRetryAfter(dialect.refusal('too-often'), String(wait), true);
  };

  const answer = (request: WireRequest, dialect: Dialect, faults: TaxiiFaults): WireAnswer => {
    const place = placeOf(request.path);
    if (place === null && placeOf(`${request.path}/`) !== null) return slashless(request, dialect, faults);
    if (!isSignedIn(request.headers['authorization'], faults.signIn)) return dialect.refusal('unauthorised');
    if (place === null) return dialect.refusal('no-path');
    const methods = methodsOf(place, faults);
    if (!methods.includes(request.method)) return dialect.refusal('method', methods.join(', '));
    return dialect.refusedAccept(request) ?? routes({ request, place, dialect, faults });
  };

  const slashless = (request: WireRequest, dialect: Dialect, faults: TaxiiFaults): WireAnswer => {
    if ((faults.missingSlash ?? dialect.missingSlash) === 'missing') return dialect.refusal('no-path');
    return redirection(`${address()}${targetOf({ ...request, path: `${request.path}/` })}`);
  };

  return {
    async handle(request) {
      counts.requests += 1;
      library.tick();
      const faults = faultsNow();
      const dialect = dialects[faults.duplicates];
      try {
        return beforeTheServer(request, faults) ?? troubled(dialect, faults) ?? answer(request, dialect, faults);
      } catch (error) {
        if (error instanceof Refused) return error.answer;
        throw error;
      }
    },
    counts: () => ({ ...counts, ...library.counts() }),
    items: () => library.items(),
    snapshot: () => library.snapshot(),
  };
}

function methodsOf({ kind }: Place, { deletes }: TaxiiFaults): readonly string[] {
  return METHODS[kind].filter((method) => method !== 'DELETE' || deletes === 'answers');
}

function retryAfterOf({ retryAfterSeconds, retryAfterAs }: TaxiiFaults, now: Date): string {
  const seconds = retryAfterSeconds ?? 0;
  return retryAfterAs === 'seconds' ? String(seconds) : new Date(now.getTime() + seconds * 1_000).toUTCString();
}

function withRetryAfter(answer: WireAnswer, value: string, said: boolean): WireAnswer {
  return said ? { ...answer, headers: { ...answer.headers, 'retry-after': value } } : answer;
}

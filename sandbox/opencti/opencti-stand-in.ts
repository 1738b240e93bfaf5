import { z } from 'zod';
import { createRateLimit } from '../graph/rate-limit.ts';
import type { StandIn, Tip, TipCounts } from '../stand-in.ts';
import { OPENCTI_CREDENTIALS } from './account.ts';
import { platformError } from './answer.ts';
import { artifactControls } from './artifact-controls.ts';
import { graphql } from './graphql/graphql.ts';
import { type LabelCounts, Observables, savedObservables } from './observables.ts';
import { type OpenCtiFaults, openCtiFaults } from './opencti-faults.ts';
import { Platform, savedPlatform } from './platform.ts';
import { Refused } from './pushed-object.ts';
import { taxii } from './taxii-routes.ts';
import { savedWorks, Works } from './works.ts';

/** An earlier one kept no observables. */
const snapshot = z.object({ platform: savedPlatform, works: savedWorks, observables: savedObservables.optional() });

interface OpenCtiTip extends Tip {
  counts(): TipCounts & LabelCounts;
}

/**
 * OpenCTI 6.5 and later: its TAXII push ingester, which is write-only, and as much of its GraphQL as it takes to see what came of a push, and to
 * read and change observables.
 */
export const OPENCTI_STAND_IN: StandIn<OpenCtiFaults, OpenCtiTip> = {
  name: 'opencti',
  credentials: OPENCTI_CREDENTIALS,
  faults: openCtiFaults,
  open({ faults: faultsNow, now, address, perSecond, restore }) {
    const saved = restore === undefined ? null : snapshot.parse(restore);
    const platform = new Platform(saved?.platform ?? null);
    const works = new Works(saved?.works ?? []);
    const limit = createRateLimit(perSecond, () => performance.now());
    const seen = { requests: 0, throttled: 0 };
    const observables = new Observables(saved?.observables ?? null);
    const { references } = platform;
    let queries = 0;
    let edits = 0;
    return {
      async handle(request) {
        seen.requests += 1;
        const wait = limit.take();
        if (wait > 0) {
          seen.throttled += 1;
          return {
            ...platformError(429, 'Too many requests, please try again later.'),
            headers: { 'retry-after': String(wait) },
          };
        }
        const faults = faultsNow();
        const at = now().getTime();
        works.tick((object) => problemOf(() => platform.take(object, at, faults)), at, faults);
        platform.decay(at);
        if (!/^\/graphql\/?$/.test(request.path)) return taxii({ request, works, address: address(), now: at, faults });
        queries += 1;
        const fails = isNth(queries, faults.graphqlErrors);
        const isLocked = (): boolean => {
          edits += 1;
          return isNth(edits, faults.locks);
        };
        return graphql(request, { platform, observables, now: at, fails, faults, isLocked });
      },
      counts: () => ({ ...seen, ...platform.counts(now().getTime()), ...observables.counts() }),
      items: () => platform.items(now().getTime()),
      snapshot: () => ({ platform: platform.snapshot(), works: works.snapshot(), observables: observables.snapshot() }),
      controls: artifactControls({ observables, references, now: () => now().getTime() }),
    };
  },
};

function problemOf(take: () => void): string | null {
  try {
    take();
    return null;
  } catch (error) {
    if (error instanceof Refused) return error.message;
    throw error;
  }
}

/** Every Nth; 0: none. */
function isNth(count: number, nth: number): boolean {
  return nth > 0 && count % nth === 0;
}

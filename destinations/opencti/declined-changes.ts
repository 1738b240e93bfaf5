import { z } from 'zod';
import { Fault } from '../../indicators/fault.ts';
import type { MarkNames } from '../../indicators/judge-artifact.ts';
import type { Unchanged } from '../artifacts.ts';
import { lookAtArtifacts } from './look-at-artifacts.ts';
import type { OpenCtiClient } from './opencti-client.ts';
import { API } from './refusals.ts';

/** (Source: OpenCTI, config/schema/opencti.graphql, `me`.) */
const ME = 'query Me { me { capabilities { name } } }';
const me = z.object({ me: z.object({ capabilities: z.array(z.object({ name: z.string() })) }) });

/** (Source: OpenCTI, config/schema/opencti.graphql, `@auth` of `StixCyberObservableEditMutations` and of `noteAdd`.) */
const UPDATE = 'KNOWLEDGE_KNUPDATE';

/**
 * What became of observables whose change was declined, each with the code of its error: one that OpenCTI shows no more is gone, whatever
 * the error says. `Refused` when it is the user who may change none.
 */
export async function declinedChanges(
  client: OpenCtiClient,
  codes: ReadonlyMap<string, string>,
  names: MarkNames,
  signal: AbortSignal,
): Promise<readonly Unchanged[]> {
  if (codes.size === 0) return [];
  if ([...codes.values()].includes('FORBIDDEN_ACCESS')) await mayUpdate(client, signal);
  const there = await lookAtArtifacts(client, { key: 'ids', values: [...codes.keys()] }, names, signal);
  return [...codes].map(([remoteId, code]): Unchanged => {
    if (!there.has(remoteId)) return { remoteId, kind: 'gone', reason: `${API} shows it no more` };
    const reason =
      code === 'FORBIDDEN_ACCESS'
        ? `the user of the token may not change it (${code})`
        : `${API} declined the change (${code})`;
    return { remoteId, kind: 'refused', reason };
  });
}

/** Those of a capability have its name at their beginning. (Source: OpenCTI, utils/access, `isUserHasCapability`.) */
async function mayUpdate(client: OpenCtiClient, signal: AbortSignal): Promise<void> {
  const { data } = await client.ask(ME, {}, me, signal);
  if (data.me.capabilities.some(({ name }) => name === 'BYPASS' || name.startsWith(UPDATE))) return;
  throw new Fault(
    'Refused',
    `${API} forbids a change: check that the user of the destination's token has the capability Create / Update knowledge (${UPDATE}).`,
  );
}

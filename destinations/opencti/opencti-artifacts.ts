import { z } from 'zod';
import { Fault } from '../../indicators/fault.ts';
import type { ArtifactStore } from '../artifacts.ts';
import type { ArtifactDeps } from '../enrichment.ts';
import { artifactPages } from './artifact-pages.ts';
import type { OpenCtiSelect } from './artifact-select.ts';
import { declinedChanges } from './declined-changes.ts';
import { lookAtArtifacts } from './look-at-artifacts.ts';
import { markNames } from './mark-names.ts';
import { observableNotes } from './observable-notes.ts';
import { createOpenCtiClient, type OpenCtiDeps } from './opencti-client.ts';
import type { OpenCtiSettings } from './opencti-settings.ts';
import { API } from './refusals.ts';
import { labelWriter } from './write-labels.ts';

/** Each is written by itself there, in about a tenth of a second for a label. */
const MARKED_AT_ONCE = 20;

const SCORE = `mutation Score($id: ID!, $input: [EditInput]!) {
  score: stixCyberObservableEdit(id: $id) { fieldPatch(input: $input) { id } }
}`;
const scored = z.object({ fieldPatch: z.object({ id: z.string() }) });

/** The observables that an OpenCTI holds, by its GraphQL. */
export function createOpenCtiArtifacts(
  settings: Pick<OpenCtiSettings, 'baseUrl' | 'collection' | 'token' | 'author' | 'confirmFor' | 'confirmPoll'>,
  select: OpenCtiSelect,
  { tagPrefix, ...deps }: OpenCtiDeps & Pick<ArtifactDeps, 'tagPrefix'>,
): ArtifactStore {
  const client = createOpenCtiClient(settings, deps);
  const names = markNames(tagPrefix);
  return {
    describe: `OpenCTI at ${new URL(settings.baseUrl).host}`,
    names,
    patience: { withinMs: settings.confirmFor, pollMs: settings.confirmPoll },
    markLoad: MARKED_AT_ONCE,
    pages: (after, signal) => artifactPages(client, select, { names, author: settings.author, after }, signal),
    async holding(values, signal) {
      return [...(await lookAtArtifacts(client, { key: 'value', values }, names, signal)).values()];
    },
    look: (artifacts, signal) =>
      lookAtArtifacts(client, { key: 'ids', values: artifacts.map(({ remoteId }) => remoteId) }, names, signal),
    mark: labelWriter(client, names),
    comments: observableNotes(client, names),
    async rescore({ remoteId }, score, signal) {
      const input = [{ key: 'x_opencti_score', value: [String(score)] }];
      const { data, declined } = await client.change(
        { text: SCORE, variables: { id: remoteId, input }, things: 1 },
        signal,
      );
      const code = declined.get('score');
      if (code !== undefined) {
        const [unchanged] = await declinedChanges(client, new Map([[remoteId, code]]), names, signal);
        return unchanged ?? null;
      }
      if (!scored.safeParse(data.get('score')).success) {
        throw new Fault('Unavailable', `${API} does not say what became of a score.`);
      }
      return null;
    },
  };
}

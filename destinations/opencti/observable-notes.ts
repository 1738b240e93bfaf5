import { z } from 'zod';
import { Fault } from '../../indicators/fault.ts';
import type { MarkNames } from '../../indicators/judge-artifact.ts';
import { uuidV5 } from '../../indicators/uuid-v5.ts';
import type { ArtifactComments } from '../artifacts.ts';
import { connectionPages } from './connection-pages.ts';
import { declinedChanges } from './declined-changes.ts';
import type { OpenCtiClient } from './opencti-client.ts';
import { API } from './refusals.ts';
import { filterOf } from './selected-filters.ts';

/** (Source: OpenCTI, config/schema/opencti.graphql, `notes`, `noteAdd`; pycti, `Note`.) */
const NOTES = `query Notes($filters: FilterGroup, $after: ID) {
  notes(first: 100, after: $after, filters: $filters) {
    pageInfo { hasNextPage endCursor globalCount }
    edges { node { content } }
  }
}`;
const ADD = 'mutation NewNote($input: NoteAddInput!) { note: noteAdd(input: $input) { id } }';

const note = z.object({ content: z.string().nullish() });
const added = z.object({ id: z.string() });

/** Every OpenCTI has it. (Source: OpenCTI, schema/identifier, the static marking ids.) */
const TLP_AMBER = 'marking-definition--f88d31f6-486f-44da-b317-01333bde0b82';

/** Of the ids of our notes. */
const NAMESPACE = '1d0c6a55-7a0b-4f6e-9a53-6a3e3c7f5f21';

/** It writes at once, or fails with a time limit of its own. */
const GRACE_MS = 60_000;

/**
 * Notes on observables. One has an id that is made from the observable and the text, so that the same one sent twice is one. What is a
 * licensed source's is marked TLP:AMBER.
 */
export function observableNotes(client: OpenCtiClient, names: MarkNames): ArtifactComments {
  return {
    key: ({ remoteId }) => remoteId,
    graceMs: GRACE_MS,
    async read({ remoteId }, signal) {
      const variables = { filters: { mode: 'and', filters: [filterOf('objects', [remoteId])], filterGroups: [] } };
      const texts: string[] = [];
      for await (const { data } of connectionPages(
        client,
        { query: NOTES, field: 'notes', variables, node: note },
        signal,
      ))
        texts.push(...data.flatMap(({ content }) => content ?? []));
      return texts;
    },
    async add({ remoteId }, text, signal, leaving) {
      const input = {
        stix_id: `note--${uuidV5(NAMESPACE, JSON.stringify([remoteId, text]))}`,
        content: text,
        objects: [remoteId],
        objectMarking: [TLP_AMBER],
      };
      const { data, declined } = await client.change({ text: ADD, variables: { input }, things: 1 }, signal, leaving);
      const code = declined.get('note');
      if (code !== undefined) {
        const [unchanged] = await declinedChanges(client, new Map([[remoteId, code]]), names, signal);
        return unchanged ?? null;
      }
      if (!added.safeParse(data.get('note')).success) {
        throw new Fault('Unavailable', `${API} does not say what became of a note.`);
      }
      return null;
    },
  };
}

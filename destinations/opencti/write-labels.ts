import { z } from 'zod';
import type { Remark } from '../../indicators/artifact.ts';
import { Fault } from '../../indicators/fault.ts';
import type { MarkNames } from '../../indicators/judge-artifact.ts';
import type { ArtifactRef, ArtifactStore } from '../artifacts.ts';
import { declinedChanges } from './declined-changes.ts';
import { labelIds, newLabel } from './label-ids.ts';
import type { Mutation, OpenCtiClient } from './opencti-client.ts';
import { API } from './refusals.ts';

const LABEL = 'object-label';

const edited = z.union([
  z.object({ relationsAdd: z.object({ id: z.string() }) }),
  z.object({ relationDelete: z.object({ id: z.string() }) }),
]);

/**
 * Puts labels on observables and takes them off, in one mutation whose fields OpenCTI runs one after the other, each with an answer of its
 * own. What is so already stays as it is. (Source: OpenCTI, domain/stixObjectOrStixRelationship.)
 */
export function labelWriter(client: OpenCtiClient, names: MarkNames): ArtifactStore['mark'] {
  return async (artifacts, change, signal) => {
    const ids = await idsOf(client, change, signal);
    if (artifacts.length === 0 || ids.add.length + ids.remove.length === 0) return [];
    const { data, declined } = await client.change(mutationOf(artifacts, ids), signal);
    const codes = new Map<string, string>();
    for (const { field, remoteId } of fieldsOf(artifacts, ids)) {
      const code = declined.get(field);
      if (code !== undefined) codes.set(remoteId, code);
      else if (!edited.safeParse(data.get(field)).success) {
        throw new Fault('Unavailable', `${API} does not say what became of a label.`);
      }
    }
    return declinedChanges(client, codes, names, signal);
  };
}

/** Of labels. */
interface RemarkIds {
  readonly add: readonly string[];
  readonly remove: readonly string[];
}

/** A label that is not there is on nothing, so that it need not be taken off. */
async function idsOf(client: OpenCtiClient, { add, remove }: Remark, signal: AbortSignal): Promise<RemarkIds> {
  const known = await labelIds(client, [...add, ...remove], signal);
  const toAdd: string[] = [];
  for (const name of add) toAdd.push(known.get(name) ?? (await newLabel(client, name, signal)));
  return { add: toAdd, remove: remove.flatMap((name) => known.get(name) ?? []) };
}

interface Edit {
  /** Its name in the answer. */
  readonly field: string;
  readonly remoteId: string;
  readonly text: string;
}

function fieldsOf(artifacts: readonly ArtifactRef[], { add, remove }: RemarkIds): readonly Edit[] {
  return artifacts.flatMap(({ remoteId }, at): Edit[] => {
    const edit = (field: string, what: string): Edit => ({
      field,
      remoteId,
      text: `${field}: stixCyberObservableEdit(id: $id${at}) { ${what} { id } }`,
    });
    return [
      ...remove.map((_, index) =>
        edit(`remove${at}x${index}`, `relationDelete(toId: $remove${index}, relationship_type: "${LABEL}")`),
      ),
      ...(add.length === 0 ? [] : [edit(`add${at}`, 'relationsAdd(input: $add)')]),
    ];
  });
}

function mutationOf(artifacts: readonly ArtifactRef[], ids: RemarkIds): Mutation {
  const declared = [
    ...artifacts.map((_, at) => `$id${at}: ID!`),
    ...ids.remove.map((_, index) => `$remove${index}: StixRef!`),
    ...(ids.add.length === 0 ? [] : ['$add: StixRefRelationshipsAddInput!']),
  ];
  const fields = fieldsOf(artifacts, ids).map(({ text }) => text);
  return {
    text: `mutation Mark(${declared.join(', ')}) { ${fields.join(' ')} }`,
    variables: variablesOf(artifacts, ids),
    things: artifacts.length,
  };
}

function variablesOf(artifacts: readonly ArtifactRef[], { add, remove }: RemarkIds): object {
  return Object.fromEntries<unknown>([
    ...artifacts.map(({ remoteId }, at): [string, unknown] => [`id${at}`, remoteId]),
    ...remove.map((id, index): [string, unknown] => [`remove${index}`, id]),
    ...(add.length === 0 ? [] : [['add', { toIds: add, relationship_type: LABEL }] as const]),
  ]);
}

import { z } from 'zod';
import type { Observable } from '../observable.ts';
import type { OpenCtiFaults } from '../opencti-faults.ts';
import { badInput, forbidden, functional, locked, missingReference } from './graphql-error.ts';
import { type Known, observableNode } from './observable-node.ts';

export interface Changing extends Known {
  readonly now: number;
  readonly faults: OpenCtiFaults;
  /** Whether the next edit finds its observable locked. */
  readonly isLocked: () => boolean;
}

type Arguments = Readonly<Record<string, unknown>>;
type Node = Readonly<Record<string, unknown>>;

const LABEL = 'object-label';

const relation = z.object({ toId: z.string(), relationship_type: z.literal(LABEL) });
const relations = z.object({ toIds: z.array(z.string()), relationship_type: z.literal(LABEL) });
/** GraphQL makes a list of one value. */
const patch = z.object({ key: z.literal('x_opencti_score'), value: z.union([z.array(z.unknown()), z.unknown()]) });
const patches = z.union([z.array(patch), patch.transform((one) => [one])]);
const labelInput = z.object({ value: z.string().trim().min(1), color: z.string().nullish() });
const noteInput = z.object({
  content: z.string().min(2),
  stix_id: z.string().nullish(),
  objects: z.array(z.string()).nullish(),
  objectMarking: z.array(z.string()).nullish(),
});

/**
 * One edit of an observable. (Source: OpenCTI, domain/stixObjectOrStixRelationship, domain/stixCyberObservable; config/schema/opencti.graphql,
 * `StixCyberObservableEditMutations`.) Throws what is wrong with it.
 */
export function editObservable(id: unknown, name: string, args: Arguments, changing: Changing): Node {
  const { observables, faults, now, isLocked } = changing;
  if (faults.noUpdate) throw forbidden();
  const one = seen(String(id), changing);
  if (one === null) throw functional('Element can not be loaded');
  if (one.restricted) throw forbidden();
  if (isLocked()) throw locked();
  if (name === 'fieldPatch') {
    observables.score(one, scoreIn(args), now);
  } else if (name === 'relationDelete') {
    observables.removeLabel(one, known(relation, args).toId, now);
  } else {
    const ids = name === 'relationAdd' ? [known(relation, args['input']).toId] : known(relations, args['input']).toIds;
    if (ids.some((each) => observables.labels.get(each) === null)) throw missingReference();
    observables.addLabels(one, ids, now);
  }
  if (name === 'relationAdd') return { id: `${one.internalId}:${LABEL}`, relationship_type: LABEL };
  return observableNode(observables.find(one.internalId) ?? one, changing);
}

/** (Source: OpenCTI, domain/label, `addLabel`.) */
export function addLabel(args: Arguments, { observables, faults }: Changing): Node {
  if (faults.noLabels) throw forbidden();
  const { internalId: id, value } = observables.labels.add(known(labelInput, args['input']).value, faults.labelCase);
  return { id, value, color: '#ffffff' };
}

/** (Source: OpenCTI, config/schema/opencti.graphql, `noteAdd`; pycti, `Note.create`.) */
export function addNote(args: Arguments, changing: Changing): Node {
  const { observables, references, faults } = changing;
  if (faults.noUpdate) throw forbidden();
  const input = known(noteInput, args['input']);
  const objects = (input.objects ?? []).map((id) => {
    const one = seen(id, changing);
    if (one === null) throw missingReference();
    return one.internalId;
  });
  const markings = input.objectMarking ?? [];
  if (markings.some((id) => references.marking(id) === null)) throw missingReference();
  const note = observables.addNote({ stixId: input.stix_id ?? null, content: input.content, objects, markings });
  return { id: note.internalId, entity_type: 'Note', content: note.content };
}

function seen(id: string, { observables, references, faults }: Changing): Observable | null {
  const one = observables.find(id);
  const isHidden = one?.markings.some((each) =>
    faults.unseenMarkings.includes(references.marking(each)?.definition ?? ''),
  );
  return isHidden === true ? null : one;
}

function scoreIn(args: Arguments): number {
  const [first] = known(patches, args['input']);
  const [value] = Array.isArray(first?.value) ? first.value : [first?.value];
  const score = Number(value);
  if (!Number.isInteger(score) || score < 0 || score > 100)
    throw functional('The score should be an integer between 0 and 100');
  return score;
}

function known<T>(schema: z.ZodType<T>, value: unknown): T {
  const read = schema.safeParse(value);
  if (!read.success) throw badInput(`Variable "$input" got invalid value: ${read.error.issues[0]?.message ?? ''}.`);
  return read.data;
}

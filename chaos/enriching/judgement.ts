import { isDeepStrictEqual } from 'node:util';
import { z } from 'zod';
import { counted } from '../counted.ts';
import type { World } from '../world.ts';
import { commentsOn } from './comments-on.ts';
import type { Observable, Observables } from './observables.ts';
import { isOurTag, type Verdict, verdictOn } from './verdict.ts';

const tag = z.object({ name: z.string(), tlp: z.string().nullable() });
const holding = z.object({ id: z.number(), value: z.string(), confidence: z.number(), tagged: z.array(tag) });
type Holding = z.infer<typeof holding>;

interface Judged {
  readonly observable: Observable;
  readonly held: Holding | undefined;
  readonly verdict: Verdict;
}

/**
 * What ThreatStream holds says of every observable what MDTI says of its host, once and to nobody else, and what others have said of it is as
 * they left it.
 */
export async function enrichedViolations({ stack }: World, observables: Observables): Promise<readonly string[]> {
  const all = z.array(holding).parse(await stack.control('POST', '/tips/threatstream/holdings'));
  const held = new Map(all.map((one) => [one.id, one]));
  const { there, minimumScore, reputations } = observables;
  const said = await reputations.of([...new Set(there.flatMap(({ host }) => host ?? []))]);
  const judged = there.map((observable): Judged => {
    // What is not selected is left alone.
    const host = observable.status === 'active' ? observable.host : null;
    const verdict = verdictOn(host === null ? null : (said.get(host) ?? null), minimumScore);
    return { observable, held: held.get(observable.id), verdict };
  });
  const known = new Set(there.map(({ id }) => id));
  return [
    ...counted(
      judged.filter((one) => one.held === undefined),
      'are gone, and nobody deleted them',
      named,
    ),
    ...counted(
      all.filter(({ id }) => !known.has(id)),
      'are held that were deleted, or never there',
      ({ id }) => String(id),
    ),
    ...counted(judged.filter(isTaggedOtherwise), 'do not carry the tags of their reputation, private', described),
    ...counted(judged.filter(isTouched), 'do not carry what others tagged them with', described),
    ...counted(judged.filter(isScoredOtherwise), 'do not have the confidence that they are to have', described),
    ...commentViolations(
      judged.filter(({ observable }) => observable.status === 'active'),
      await commentsOn(stack, observables.values),
    ),
  ];
}

function isTaggedOtherwise({ held, verdict }: Judged): boolean {
  const ours = (held?.tagged ?? []).filter(isOurTag);
  const names = ours.map(({ name }) => name).toSorted();
  return !isDeepStrictEqual(names, verdict.tags) || ours.some(({ tlp }) => tlp !== 'red');
}

function isTouched({ held, observable }: Judged): boolean {
  const theirs = (held?.tagged ?? []).filter((one) => !isOurTag(one));
  return !isDeepStrictEqual(inOrder(theirs), inOrder(observable.tags));
}

function inOrder(tags: readonly z.infer<typeof tag>[]): readonly string[] {
  return tags.map(({ name, tlp }) => `${name} ${tlp}`).toSorted();
}

function isScoredOtherwise({ held, observable, verdict }: Judged): boolean {
  const own = observable.owner === 'own' ? verdict.confidence : null;
  return held?.confidence !== (own ?? observable.confidence);
}

/** Of each value every verdict once, and of what there is something to say of, or was, the newest. */
function commentViolations(
  judged: readonly Judged[],
  comments: ReadonlyMap<string, readonly string[]>,
): readonly string[] {
  const newest = new Map(judged.map(({ observable, verdict }) => [observable.value, verdict]));
  const wrong = [...newest].filter(([value, { name, tags }]) => {
    const told = comments.get(value) ?? [];
    return told.length === 0 ? tags.length > 0 : told.at(-1) !== name;
  });
  return [
    ...counted(
      [...comments].filter(([, told]) => new Set(told).size < told.length),
      'values have a comment twice',
      ([value, told]) => `${value} ${told.join(', ')}`,
    ),
    ...counted(
      wrong,
      'values are not told of as they are to be',
      ([value, { name }]) => `${value} (${name}) ${(comments.get(value) ?? []).join(', ')}`,
    ),
  ];
}

function named({ observable: { id, value } }: Judged): string {
  return `${id} ${value}`;
}

function described({ observable, held, verdict }: Judged): string {
  const { id, value, owner, status, confidence, tags } = observable;
  return `${id} ${value} ${JSON.stringify({ owner, status, held, verdict, confidence, tags })}`;
}

import { createHash } from 'node:crypto';
import type { HttpReply } from '../../http/http-client.ts';
import { Fault } from '../../indicators/fault.ts';
import type { ArtifactComments, ArtifactRef, ArtifactStore, Unchanged } from '../artifacts.ts';
import { objectOf, patch } from './amend.ts';
import { commentList } from './reply-schemas.ts';
import { API, hasError, type ThreatStreamClient } from './threatstream-client.ts';
import type { ResolvedSettings } from './threatstream-settings.ts';
import { wireTags } from './wire-tags.ts';

/** Seen by our own organisation only, whatever the visibility of what is delivered. */
const OWN = { visibility: 'private' } as const;
const REFUSALS: ReadonlySet<number> = new Set([401, 403, 404]);
/** Of a question about one value: it cannot be asked. */
const DECLINED: ReadonlySet<number> = new Set([400, 414, 422, 431]);
const COMMENTS = '/api/v2/intelligence/comments/';

/**
 * Tags of many at once, private to our organisation. That they are taken on what belongs to others is INFERENCE from what two clients do:
 * what is declined is told of one, and left to whoever asks for several.
 */
export function tagArtifacts(client: ThreatStreamClient, settings: ResolvedSettings): ArtifactStore['mark'] {
  return async (artifacts, { add, remove }, signal) => {
    const ids = artifacts.map(({ remoteId }) => (/^\d{1,15}$/.test(remoteId) ? Number(remoteId) : remoteId));
    const tags = wireTags(add, OWN);
    const gone = wireTags(remove, OWN);
    const isTogether = settings.untagBy === 'bulk_tagging';
    const calls = [
      ...(add.length > 0 || (remove.length > 0 && isTogether)
        ? [
            {
              method: 'POST',
              resource: 'bulk_tagging',
              body: {
                ids,
                ...(add.length > 0 ? { tags } : {}),
                ...(remove.length > 0 && isTogether ? { remove_tags: gone } : {}),
              },
            } as const,
          ]
        : []),
      ...(remove.length > 0 && !isTogether
        ? [{ method: 'PATCH', resource: 'bulk_remove_tags', body: { ids, tags: gone } } as const]
        : []),
    ];
    for (const { method, resource, body } of calls) {
      const reply = await client.send(
        {
          method,
          path: `/api/v2/intelligence/${resource}/`,
          body: { type: 'application/json', text: JSON.stringify(body) },
          needs: 'tag intelligence',
          answers: [...REFUSALS],
        },
        signal,
      );
      if (isDone(reply)) continue;
      const [only, ...others] = artifacts;
      if (only === undefined) return [];
      if (others.length > 0)
        throw new Fault('Rejected', `${API} answered ${reply.status} when observables were to be tagged.`);
      return [unchanged(only, reply, 'tagged')];
    }
    return [];
  };
}

/** Confidence of what is ours. (Source: ThreatStream's API reference; it computes that of addresses, domains and URLs anew where it is not overridden.) */
export function setConfidence(client: ThreatStreamClient): NonNullable<ArtifactStore['rescore']> {
  return async (artifact, score, signal) => {
    const reply = await patch(client, artifact.remoteId, { confidence: score }, signal, [...REFUSALS]);
    return isDone(reply) ? null : unchanged(artifact, reply, 'changed');
  };
}

/** Comments are by value: one is for the copies of all organisations, and seen by ours. (Source: Polarity's and XSOAR's integrations.) */
export function artifactComments(client: ThreatStreamClient, graceMs: number): ArtifactComments {
  const queryOf = ({ value }: ArtifactRef) => ({ value });
  return {
    graceMs,
    // A URL is longer than what an index holds.
    key: ({ value }) => createHash('sha256').update(value).digest('base64url'),
    async read(artifact, signal) {
      const call = { method: 'GET', path: COMMENTS, query: queryOf(artifact), needs: 'read comments' } as const;
      // A value without a comment may be a 404; of the address, the search before has told.
      const reply = await client.send({ ...call, answers: [404] }, signal);
      if (reply.status === 404) return [];
      const read = commentList.safeParse(objectOf(reply));
      if (DECLINED.has(reply.status))
        throw new Fault('Rejected', `${API} answered ${reply.status} when comments on it were to be read.`);
      if (reply.status !== 200 || !read.success)
        throw new Fault('Unavailable', `${API} answered ${reply.status} without readable comments.`);
      return read.data;
    },
    async add(artifact, text, signal, leaving) {
      const reply = await client.send(
        {
          method: 'POST',
          path: COMMENTS,
          query: queryOf(artifact),
          body: { type: 'application/json', text: JSON.stringify({ comment: text, tlp: 'red' }) },
          needs: 'comment on intelligence',
          answers: [...REFUSALS],
        },
        signal,
        leaving,
      );
      // Whoever stands between may answer so, too: it is looked for before it is written again.
      if (reply.status < 300 && objectOf(reply) === null)
        throw new Fault('Unavailable', `${API} answered ${reply.status} without a word to a comment.`);
      return isDone(reply) ? null : unchanged(artifact, reply, 'commented on');
    },
  };
}

function isDone(reply: HttpReply): boolean {
  return reply.status < 300 && !hasError(objectOf(reply));
}

function unchanged({ remoteId, isOurs }: ArtifactRef, { status }: HttpReply, done: string): Unchanged {
  const whose = isOurs ? 'it' : 'it, which belongs to another organisation or feed,';
  const reason = `${API} answered ${status} when ${whose} was to be ${done}`;
  return { remoteId, kind: status === 404 ? 'gone' : 'refused', reason };
}

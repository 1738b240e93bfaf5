import type { ArtifactType } from '../../indicators/artifact.ts';
import type { MarkNames } from '../../indicators/judge-artifact.ts';
import { bandOf } from '../../indicators/score-band.ts';
import { excerpt, storableText } from '../../indicators/storable-text.ts';
import type { Artifact } from '../artifacts.ts';
import { organizationOf } from './ownership.ts';
import type { Intelligence } from './reply-schemas.ts';

/** As objects name types; an address is told by its text. (Recorded: XSOAR `AnomaliThreatStreamv3`, test data.) */
const TYPES: Readonly<Record<string, ArtifactType>> = {
  ip: 'ipv4',
  ipv6: 'ipv6',
  domain: 'domain',
  url: 'url',
  email: 'email',
  md5: 'hash',
  hash: 'hash',
};

/** An observable as it is enriched. Whose it is when nobody can tell, is somebody else's. */
export function artifactOf(copy: Intelligence, owner: string | null, names: MarkNames): Artifact {
  return {
    remoteId: copy.id,
    value: copy.value,
    type: TYPES[copy.type?.toLowerCase() ?? ''] ?? 'other',
    isOurs: organizationOf(copy, owner) === 'ours' && copy.isEditable !== false,
    // None of ours holds what cannot be stored; several users may have put the same one.
    marks: [...new Set(copy.privateTags.filter((tag) => names.has(tag) && storableText(tag) === tag))].toSorted(),
    score: confidenceOf(copy),
  };
}

/** Also -1 is shown, where there is none. */
function confidenceOf({ confidence }: Intelligence): number | null {
  const score = Math.round(confidence ?? -1);
  return score < 0 || score > 100 ? null : score;
}

const LONGEST = 100;

/** Two families of tags: `mdti:malicious` and `mdti-score:75-89`. */
export function markNames(prefix: string): MarkNames {
  return {
    of({ classification, score }) {
      const word = excerpt(classification.replace(/[\s,\p{Cc}]+/gu, ' ').trim(), LONGEST).trim();
      return [...(word === '' ? [] : [`${prefix}:${word}`]), `${prefix}-score:${bandOf(score)}`];
    },
    has: (mark) => mark.startsWith(`${prefix}:`) || mark.startsWith(`${prefix}-score:`),
  };
}

import { ARTIFACT_TYPES, subjectOf } from '../indicators/artifact.ts';

/** The host in a text that a query names; null where there is none. A column may hold addresses, names, URLs and e-mail addresses, one beside the other. */
export function namedHost(text: string): string | null {
  for (const type of ARTIFACT_TYPES) {
    const subject = subjectOf(type, text);
    if (subject.kind === 'host') return subject.host;
  }
  return null;
}

import type { MarkNames } from '../../indicators/judge-artifact.ts';
import { bandOf } from '../../indicators/score-band.ts';

/**
 * The labels by which OpenCTI's users filter: `mdti:malicious` and `mdti-score:75-89`. In lower case, as OpenCTI has written all labels
 * until it began to keep them as they are given. (Source: OpenCTI, domain/label, `addLabel`.)
 */
export function markNames(prefix: string): MarkNames {
  const classification = `${prefix.toLowerCase()}:`;
  const band = `${prefix.toLowerCase()}-score:`;
  return {
    of: (said) => [`${classification}${said.classification.trim().toLowerCase()}`, `${band}${bandOf(said.score)}`],
    has: (mark) => mark.startsWith(classification) || mark.startsWith(band),
  };
}

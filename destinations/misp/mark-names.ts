import type { MarkNames } from '../../indicators/judge-artifact.ts';
import { bandOf } from '../../indicators/score-band.ts';
import { machineTag } from './tags.ts';

export interface MispMarkNames extends MarkNames {
  /** A mark as we write it, whatever its case at MISP, which makes no difference there. */
  asWritten(name: string): string;
}

/** `mdti:classification="malicious"`, `mdti:score="75-89"`: as on what is delivered, with a prefix that may be another. */
export function markNames(prefix: string): MispMarkNames {
  const family = (predicate: string): string => `${prefix}:${predicate}="`;
  const families = [family('classification'), family('score')];
  const isIn = (name: string, start: string): boolean => name.toLowerCase().startsWith(start.toLowerCase());
  return {
    of: ({ classification, score }) => [
      machineTag('classification', classification.toLowerCase(), prefix),
      machineTag('score', bandOf(score), prefix),
    ],
    has: (mark) => families.some((start) => isIn(mark, start)),
    asWritten(name) {
      const start = families.find((one) => isIn(name, one));
      return start === undefined ? name : `${start}${name.slice(start.length).toLowerCase()}`;
    },
  };
}

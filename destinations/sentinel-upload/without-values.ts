import { plainWords } from '../../indicators/plain-words.ts';
import type { Form } from '../destination.ts';

/** To its end, wherever that is. */
const QUOTATION = /(?<![\p{L}\p{N}])['"`‘“].*/su;

/**
 * What Sentinel says of objects, without what they say: its sentences quote it. (Source of their form, `Error for Property=…: ….
 * Actual value: ….`: learn.microsoft.com, "stix-objects-api".)
 */
export function withoutValues(text: string, objects: readonly Form[]): string {
  const [words = ''] = text.replaceAll(/\s+/g, ' ').split(/ ?\bactual value\b/i);
  const quoted = objects
    .flatMap(({ pattern, name }) => [pattern, name])
    .filter((each) => typeof each === 'string')
    .filter((each) => each !== '');
  const plain = quoted.reduce((left, each) => left.replaceAll(each, '…'), words);
  const lower = plain.toLowerCase();
  if (quoted.some((each) => lower.includes(each.toLowerCase())))
    return 'it says why in words that quote the indicator.';
  // A part of one, or one that is written in another way.
  const said = plainWords(plain.replace(QUOTATION, '…'));
  if (said === '') return 'it does not say why.';
  return /[.!?]$/.test(said) ? said : `${said}.`;
}

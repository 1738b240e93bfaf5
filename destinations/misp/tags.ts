import type { Tlp } from '../../indicators/indicator.ts';
import type { Verdict } from '../../indicators/reputation.ts';
import { bandOf } from '../../indicators/score-band.ts';
import { excerpt } from '../../indicators/storable-text.ts';
import { basicPlane } from './basic-plane.ts';
import type { MispSettings } from './misp-settings.ts';

/** Below the 255 characters of a tag's name. (Source: MISP 2.5.1, db_schema.json.) */
const LONGEST = 200;

/** As the taxonomy `tlp` has it. (Source: misp-taxonomies, tlp.) */
export function tlpTag(tlp: Tlp): string {
  return `tlp:${tlp}`;
}

/** Tags of one attribute, each once, sorted: its TLP, MDTI's classification and score band, the threat, the source's own. */
export function tagsOf(
  said: {
    readonly tlp: Tlp;
    readonly threat: string;
    readonly verdict: Verdict;
    readonly sourceTags: readonly string[];
  },
  { sourceTags, extraTags }: Pick<MispSettings, 'sourceTags' | 'extraTags'>,
): string[] {
  const { verdict } = said;
  const names = [tlpTag(said.tlp), machineTag('threat', said.threat), ...extraTags];
  if (sourceTags) names.push(...said.sourceTags.filter((tag) => !/^type:[a-z0-9-]+$/i.test(tag)));
  if (verdict.kind === 'scored') {
    names.push(machineTag('classification', verdict.classification));
    names.push(machineTag('score', bandOf(verdict.score)));
  }
  const clean = new Map<string, string>();
  for (const name of names.map(tidy)) {
    // MISP takes names for the same whatever their case.
    if (name !== '' && !clean.has(name.toLowerCase())) clean.set(name.toLowerCase(), name);
  }
  return [...clean.values()].sort();
}

/** By these MISP's users filter: `mdti:score="75-89"`. */
export const OUR_TAGS = 'mdti:';

/** (Source: the machine tags of misp-taxonomies: namespace, predicate, value.) */
export function machineTag(predicate: string, value: string, namespace = OUR_TAGS.slice(0, -1)): string {
  return `${namespace}:${predicate}="${value.replaceAll('"', "'")}"`;
}

function tidy(name: string): string {
  const plain = basicPlane(name.replaceAll(/[\s\p{Cc}]+/gu, ' ').trim());
  return excerpt(plain, LONGEST).trim();
}

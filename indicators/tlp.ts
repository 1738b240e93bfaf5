import { TLP_LEVELS, type Tlp } from './indicator.ts';
import { markingLevel } from './stix-markings.ts';
import { unwrap } from './unwrap.ts';

const BARE = /^(?:red|amber[ +_.:&-]*strict|amber|green|clear|white)$/;
/** What marks, without a level: the next tag may be that (`TLP,RED`). */
const UNSAID = /^#?(?:tlp|traffic[ _-]?light[ _-]?protocol)[ :=]*$/;
/** A hyphen makes one word of a marking and what follows it (`tlp-red-team`), which is no marking. */
const GOES_ON = /^[\p{L}\p{N}_-]/u;
const SAYS_MORE = /[\p{L}\p{N}]/u;

/** The most restrictive TLP that the markings name, by id or by level, and the tags; null when they name none. */
export function tlpOf(markings: readonly string[], tags: readonly string[]): Tlp | null {
  let strictest = -1;
  for (const marking of markings) strictest = Math.max(strictest, levelOf(plain(marking), true));
  let isUnsaid = false;
  for (const tag of tags) {
    const text = plain(tag);
    strictest = Math.max(strictest, levelOf(text, isUnsaid));
    isUnsaid = UNSAID.test(text);
  }
  return TLP_LEVELS[strictest] ?? null;
}

/** A tag that is only a marking: `tlp:amber`, `TLP GREEN`. */
export function isTlpTag(tag: string): boolean {
  const text = plain(tag);
  const [only, ...others] = markedIn(text);
  return only !== undefined && others.length === 0 && !SAYS_MORE.test(text.replace(only.whole, ''));
}

/** As the index of `TLP_LEVELS`; -1 for none. */
function levelOf(text: string, mayBeBare: boolean): number {
  const byId = markingLevel(text);
  if (byId !== null) return TLP_LEVELS.indexOf(byId);
  if (mayBeBare && BARE.test(text)) return named(text);
  return markedIn(text).reduce((strictest, { level }) => Math.max(strictest, named(level)), -1);
}

/**
 * The markings that stand in a text, with what marks, the level, and what ends it: `TLP RED`, `tlp.red`, `TLP=RED`, `#tlp-red`,
 * `tlp:amber+strict`, `tlp:"white"`, `TLPv2:RED`, `TLP level: red`, `trafficLightProtocolLevel:red`. In a name or an address
 * (`www.tlp.red`) it is no marking.
 */
function markedIn(text: string): readonly { readonly whole: string; readonly level: string }[] {
  const found = text.matchAll(
    /(?<![\p{L}\p{N}./@-])(?:tlp|traffic[ _-]?light[ _-]?protocol)(?:[ _-]?(?:level|marking|colou?r))?(?:[ _.:-]?v?[12](?:\.0)?(?![0-9]))?[^\p{L}\p{N}]*(red|amber[^\p{L}\p{N}]*(?:plus )?strict|amber|green|clear|white)(?![\p{L}\p{N}])["')\]}.!*]*/gu,
  );
  return [...found].flatMap((match) => {
    const [whole, level = ''] = match;
    return GOES_ON.test(text.slice(match.index + whole.length)) ? [] : [{ whole, level }];
  });
}

function named(level: string): number {
  const name = level.replace('white', 'clear').replace(/^amber.*strict$/, 'amber+strict');
  return TLP_LEVELS.findIndex((each) => each === name);
}

function plain(text: string): string {
  return unwrap(text.normalize('NFKC').replace(/\s/g, ' ')).toLowerCase();
}

import { TLP_LEVELS, type Tlp } from './indicator.ts';
import { unwrap } from './unwrap.ts';

/**
 * STIX marking definitions: TLP 2.0 (the OASIS extension), the four of TLP 1.0 (STIX 2.1, section 7.2.1.4), and the
 * AMBER+STRICT that OpenCTI and Sentinel put beside those four, in both forms that are met.
 */
const MARKINGS: Readonly<Record<string, Tlp>> = {
  '613f2e26-407d-48c7-9eca-b8e91df99dc9': 'clear',
  '94868c89-83c2-464b-929b-a1a8aa3c8487': 'clear',
  'bab4a63c-aed9-4cf5-a766-dfca5abac2bb': 'green',
  '55d920b0-5e8b-4f79-9ee9-91f868d9b421': 'amber',
  '939a9414-2ddd-4d32-a0cd-375ea402b003': 'amber+strict',
  'e828b379-4e03-4974-9ac4-e53a884c97c1': 'red',
  '34098fce-860f-48ae-8e50-ebd3cc5e41da': 'green',
  'f88d31f6-486f-44da-b317-01333bde0b82': 'amber',
  '826578e1-40a3-4b46-a8d8-b9931fdd750e': 'amber+strict',
  '826578e1-40ad-459f-bc73-ede076f81f37': 'amber+strict',
  '5e57c739-391a-4eb3-b6be-7d15ca92d5ed': 'red',
};

/**
 * `TLP RED`, `tlp.red`, `TLP=RED`, `tlp:amber+strict`, `TLP-AMBER STRICT`, `tlp:"white"`, `TLPv2:RED`, `TLP level: red`,
 * `trafficLightProtocolLevel:red`: what marks it, the level, and what follows.
 */
const MARKED =
  /^(?:tlp|traffic[ _-]?light[ _-]?protocol)(?:[ _-]?(?:level|marking|colou?r))?(?:[ _.:-]?v?[12](?:\.0)?(?![0-9]))?[ :=._\-/\\|"'()[\]{}]*(red|amber[ +_.:&-]*strict|amber|green|clear|white)(?![\p{L}\p{N}])["')\]}]*/u;
const BARE = /^(?:red|amber[ +_.:&-]*strict|amber|green|clear|white)$/;
/** Between a marking and more words. A hyphen makes one word of it (`tlp-red-team`), which is no marking. */
const ENDS_WORD = /^[\s,;/(|]/;

/** The most restrictive TLP that the markings name, by id or by level, and the tags; null when they name none. */
export function tlpOf(markings: readonly string[], tags: readonly string[]): Tlp | null {
  let strictest = -1;
  for (const marking of markings) strictest = Math.max(strictest, levelOf(plain(marking), true));
  for (const tag of tags) {
    for (const part of tag.split(/[;|\n]/)) strictest = Math.max(strictest, levelOf(plain(part), false));
  }
  return TLP_LEVELS[strictest] ?? null;
}

/** A tag that is only a marking: `tlp:amber`, `TLP GREEN`. */
export function isTlpTag(tag: string): boolean {
  const text = plain(tag);
  return MARKED.exec(text)?.[0].length === text.length;
}

/** As the index of `TLP_LEVELS`; -1 for none. */
function levelOf(text: string, mayBeBare: boolean): number {
  const byId = MARKINGS[text.replace(/^marking-definition--/, '')];
  if (byId !== undefined) return TLP_LEVELS.indexOf(byId);
  if (mayBeBare && BARE.test(text)) return named(text);
  const match = MARKED.exec(text);
  const rest = text.slice(match?.[0].length);
  return match !== null && (rest === '' || ENDS_WORD.test(rest)) ? named(match[1] ?? '') : -1;
}

function named(level: string): number {
  const name = level.replace('white', 'clear').replace(/^amber.*strict$/, 'amber+strict');
  return TLP_LEVELS.findIndex((each) => each === name);
}

function plain(text: string): string {
  return unwrap(text.normalize('NFKC').replace(/\s/g, ' ')).toLowerCase();
}

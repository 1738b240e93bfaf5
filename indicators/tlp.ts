import { TLP_LEVELS, type Tlp } from './indicator.ts';

/**
 * STIX marking definitions: TLP 2.0 (the OASIS extension), the four of TLP 1.0 (STIX 2.1, section 7.2.1.4), and the
 * AMBER+STRICT that OpenCTI and Sentinel put beside those four.
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
  '5e57c739-391a-4eb3-b6be-7d15ca92d5ed': 'red',
};

/** The most restrictive TLP that the markings and tags name; null when they name none. */
export function tlpOf(markings: readonly string[]): Tlp | null {
  let strictest = -1;
  for (const marking of markings) strictest = Math.max(strictest, levelOf(marking));
  return TLP_LEVELS[strictest] ?? null;
}

/** A tag that is only a marking: `tlp:amber`, `TLP:GREEN`. */
export function isTlpTag(tag: string): boolean {
  return /^tlp[:_-]/i.test(tag) && levelOf(tag) >= 0;
}

function levelOf(marking: string): number {
  const text = marking.trim().toLowerCase();
  const byId = MARKINGS[text.replace(/^marking-definition--/, '')];
  if (byId !== undefined) return TLP_LEVELS.indexOf(byId);
  const name = text
    .replace(/^tlp[:_-]\s*/, '')
    .replace(/^white$/, 'clear')
    .replace(/^amber[_ -]strict$/, 'amber+strict');
  return TLP_LEVELS.findIndex((level) => level === name);
}

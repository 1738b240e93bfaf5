import { tlpOf } from './tlp.ts';

/** Deeper than any real list of tags; bounds recursion. */
const DEEPEST = 8;
/** What an object calls the text that it is about, and what it says of it. */
const NAMES = ['name', 'tag', 'label', 'title', 'displayname', 'key', 'text', 'id'];
const VALUES = ['value', 'val'];

export interface JsonTexts {
  readonly texts: readonly string[];
  /** Something in it is no text, nor holds one. */
  readonly leftOut: boolean;
}

/**
 * The texts that a JSON value is a list of, in whatever form it is one: strings and numbers, JSON as a string, lists of lists, objects with
 * a name (`{"name":"c2"}`) and a value (`{"key":"tlp","value":"red"}` is `tlp:red`), and objects that are pairs (`{"TLP":"RED"}`).
 * A marking in an object is among them wherever it stands there (`{"name":"c2","tlp":{"level":"red"}}`), as `tlp:red`.
 */
export function jsonTexts(value: unknown): JsonTexts {
  const texts: string[] = [];
  const leftOut = !collect(value, texts, 0);
  return { texts: [...texts, ...furtherMarking(value, texts)], leftOut };
}

/** What a text holds if it is JSON; undefined if it is not. */
export function parsedJson(text: string): unknown {
  if (!/^\s*[[{"]/.test(text)) return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** False when something was left out. */
function collect(value: unknown, texts: string[], depth: number): boolean {
  if (typeof value === 'string') {
    const inside = depth < DEEPEST ? parsedJson(value) : undefined;
    if (inside !== undefined) return collect(inside, texts, depth + 1);
    texts.push(value);
    return true;
  }
  if (typeof value === 'number') {
    texts.push(String(value));
    return true;
  }
  if (typeof value !== 'object' || value === null || depth >= DEEPEST) return false;
  const items: readonly unknown[] = Array.isArray(value) ? value : textsOfObject(value);
  return items.map((item) => collect(item, texts, depth + 1)).every(Boolean);
}

function textsOfObject(object: object): readonly unknown[] {
  const entries = Object.entries(object).map(([key, value]) => [key.toLowerCase(), value, key] as const);
  const find = (keys: readonly string[]): string | undefined =>
    keys.flatMap((wanted) =>
      entries.flatMap(([key, value]) => (key === wanted && isPlain(value) ? String(value) : [])),
    )[0];
  const name = find(NAMES);
  if (name === undefined) return entries.flatMap(([, value, key]) => textsOfPair(key, value));
  const value = find(VALUES);
  return [value === undefined ? name : `${name}:${value}`];
}

const IS_MARKING = /^(?:tlp|trafficlightprotocol)(?:level|marking|colou?r)?$/;

/** Of what stands deeper than the texts do, and is stricter than they are. */
function furtherMarking(value: unknown, texts: readonly string[]): readonly string[] {
  const marking = tlpOf([], leavesOf(value, false, 0));
  return marking === null || marking === tlpOf([], texts) ? [] : [`tlp:${marking}`];
}

/** All texts that stand anywhere in the objects of a value; those that are of a marking by their key, or by a neighbour, say so. */
function leavesOf(value: unknown, isMarking: boolean, depth: number): readonly string[] {
  if (isPlain(value)) {
    const inside = typeof value === 'string' && depth < DEEPEST ? parsedJson(value) : undefined;
    if (inside !== undefined) return leavesOf(inside, isMarking, depth + 1);
    return [isMarking ? `tlp:${value}` : String(value)];
  }
  if (typeof value !== 'object' || value === null || depth >= DEEPEST) return [];
  if (Array.isArray(value)) return value.flatMap((item) => leavesOf(item, isMarking, depth + 1));
  // `{"type":"tlp","value":"red"}`
  const isOfMarking = isMarking || Object.values(value).some((said) => typeof said === 'string' && isMarkingName(said));
  return Object.entries(value).flatMap(([key, said]: readonly [string, unknown]) =>
    said === true ? [key] : leavesOf(said, isOfMarking || isMarkingName(key), depth + 1),
  );
}

function isMarkingName(text: string): boolean {
  return text.length < 40 && IS_MARKING.test(text.toLowerCase().replace(/[\s_-]/g, ''));
}

function textsOfPair(key: string, value: unknown): readonly unknown[] {
  if (value === true) return [key];
  if (isPlain(value)) return [`${key}:${String(value)}`];
  if (Array.isArray(value)) return value.map((item: unknown) => (isPlain(item) ? `${key}:${String(item)}` : item));
  return [value];
}

function isPlain(value: unknown): value is string | number {
  return (typeof value === 'string' && value !== '') || typeof value === 'number';
}

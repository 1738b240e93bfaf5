import { RegExpParser } from '@eslint-community/regexpp';
import { analyse } from 'scslre';
import { beforeAll, describe, expect, test } from 'vitest';
import { ROOMS, readSources } from '../architecture/source-files.ts';
import { growingTexts, grown } from './adversarial-texts.ts';
import { countSteps } from './count-steps.ts';
import { type FoundPattern, findPatterns } from './find-patterns.ts';
import { compilePattern } from './pattern-program.ts';

/** Twice the length costs twice the steps; with what is only begun once, never as much as this. */
const LINEAR = 2.5;
/** No text here is so long that linear work comes near it. */
const MOST = 1_000_000;
const SHORT = 64;
const LONG = 1_024;

/** Why the work of a pattern is not linear in the length of the text; null when nothing speaks against it. */
function tooMuch({ source, flags }: Pick<FoundPattern, 'source' | 'flags'>): string | null {
  return byCounting(source, flags) ?? byItsForm(source, flags);
}

/** The steps of a matcher, counted over texts that are made for the pattern. */
function byCounting(source: string, flags: string): string | null {
  const program = compilePattern(source, flags);
  const growing = growingTexts(program).find((text) => {
    // A loop that is bounded shows itself for a while as one that is not.
    for (let length = SHORT; length < LONG; length *= 2) {
      const steps = countSteps(program, grown(text, 2 * length), MOST);
      if (steps < MOST && steps <= LINEAR * countSteps(program, grown(text, length), MOST)) return false;
      if (steps >= MOST) return true;
    }
    return true;
  });
  return growing === undefined ? null : `grows too fast over ${JSON.stringify(growing)}`;
}

/** Loops that can share one text between them, or begin anywhere in it: found in the pattern itself, without a text. */
function byItsForm(source: string, flags: string): string | null {
  const literal = new RegExpParser({ ecmaVersion: 2025 }).parseLiteral(`/${source}/${flags}`);
  const [report] = analyse(literal, { assumeRejectingSuffix: false }).reports;
  if (report === undefined) return null;
  const loop = report.type === 'Trade' ? `${report.startQuant.raw} and ${report.endQuant.raw}` : report.quant.raw;
  return `can go on from one text in several ways (${loop})`;
}

describe('a pattern of the product', () => {
  let patterns: readonly FoundPattern[];
  let unknown: readonly string[];

  beforeAll(async () => {
    const found = (await readSources(ROOMS)).map(findPatterns);
    patterns = found.flatMap((file) => file.patterns);
    unknown = found.flatMap((file) => file.unknown);
  });

  test('is found, and is known before anything runs', () => {
    expect(unknown).toEqual([]);
    expect(patterns.length).toBeGreaterThan(100);
  });

  test.each(ROOMS)('in %s/ takes work that is linear in the length of the text, whatever the text', (room) => {
    const wrong = patterns
      .filter(({ place }) => place.startsWith(`${room}/`))
      .flatMap((pattern) => {
        const reason = tooMuch(pattern);
        return reason === null ? [] : [`${pattern.place} /${pattern.source}/${pattern.flags} ${reason}`];
      });
    expect(wrong).toEqual([]);
  });
});

describe('the rule of patterns', () => {
  const bad = [
    /^\[?([^[\]]*:[^[\]]*:[^[\]]*)\](?::\d{1,5})?$/,
    /<[^>]*>/g,
    /namespace .* is not found/i,
    /[.:!]+$/,
    /^(a+)+$/,
    /^(?:a|aa)+$/,
    /^(?:\s*\w+\s*)*;$/,
    /\d+\.\d+$/,
    /^.*,.*,.*,.*$/,
    /(?<=x\s+)y/,
    /^(.*)\1$/,
    /^a+b|^.*c|a+$/m,
    /\b(?=[a-f-]*\d)[0-9a-f-]{8,}\b/i,
  ];

  test.each(bad)('finds by counting that %s is not linear', ({ source, flags }) => {
    expect(byCounting(source, flags)).toContain('grows too fast');
  });

  const good = [/^[a-z]+$/, /\s+/g, /<[^<>]*>/g, /(?<!\/)\/+$/, /^[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?$/, /x{1,9}y/];

  test.each(good)('has nothing against %s', ({ source, flags }) => {
    expect(tooMuch({ source, flags })).toBeNull();
  });

  test('finds every way in which a pattern comes into a file', () => {
    const text = [
      "const a = /x+/g; const b = new RegExp('y+', 'i'); const c = RegExp('z');",
      "const d = 'text'.match('w+'); const e = [...'text'.matchAll(/v/g)];",
      'export const f = (part: string) => new RegExp(part);',
      'export const g = (part: string) => globalThis.RegExp(`${part}+`);',
      "export const h = (part: string) => 'text'.search(part);",
    ].join('\n');
    const { patterns, unknown } = findPatterns({ path: 'made-up.ts', text });
    expect(patterns.map(({ source, flags }) => `${source}/${flags}`)).toEqual(['x+/g', 'y+/i', 'z/', 'w+/', 'v/g']);
    expect(unknown).toEqual(['made-up.ts:3', 'made-up.ts:4', 'made-up.ts:5']);
  });

  test('does not judge what it does not know', () => {
    expect(() => compilePattern('(?i:a)', '')).toThrow('not known');
  });
});

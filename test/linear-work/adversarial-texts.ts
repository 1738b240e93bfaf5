import type { AST } from '@eslint-community/regexpp';
import type { PatternProgram } from './pattern-program.ts';

/** A text that grows: its middle is said again and again. */
export interface Growing {
  readonly before: string;
  readonly middle: string;
  readonly after: string;
}

const CANDIDATES: readonly string[] = [
  ...Array.from({ length: 128 }, (_, code) => String.fromCharCode(code)),
  '\u00a0',
  '\u00e9',
  '\u017f',
  '\u2028',
  '\u212a',
  '\u4e2d',
  '\ud800',
  '\udc00',
  '\u{1f600}',
];
/** So many characters, and pairs of them, are a pattern's own; what is over comes from its own words. */
const MOST_PAIRED = 8;

/** Texts made for a pattern, so that what it can do twice is done again and again, and fails late. */
export function growingTexts(program: PatternProgram): readonly Growing[] {
  const alphabet = tellingCharacters(program);
  const words = wordsOf(program.pattern, alphabet, program);
  const singles = alphabet.slice(0, MOST_PAIRED);
  const pairs = singles.flatMap((first) => singles.map((second) => first + second));
  const middles = new Set([...alphabet, ...pairs, ...words].filter((word) => word !== ''));
  const befores = new Set(['', ...beginnings(program.pattern, program)]);
  // The first is of the sort that no class takes, if there is one.
  const afters = new Set(['', ...alphabet.slice(0, 1), '\n']);
  return [...middles].flatMap((middle) =>
    [...befores].flatMap((before) => [...afters].map((after) => ({ before, middle, after }))),
  );
}

export function grown({ before, middle, after }: Growing, length: number): string {
  return before + middle.repeat(Math.max(1, Math.ceil(length / middle.length))) + after;
}

/** One character of each sort that the pattern tells apart: those that no class of it takes are a sort, too. */
function tellingCharacters({ classes }: PatternProgram): readonly string[] {
  const sorts = new Map<string, string>();
  for (const character of CANDIDATES.toReversed()) {
    sorts.set(classes.map((matches) => (matches(character) ? '1' : '0')).join(''), character);
  }
  return [...sorts].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, character]) => character);
}

/** What each part of the pattern takes, each beginning of a part, and everything between two loops. */
function wordsOf(pattern: AST.Pattern, alphabet: readonly string[], program: PatternProgram): readonly string[] {
  const words = new Set<string>();
  const visit = (alternatives: readonly AST.Alternative[]): void => {
    for (const { elements } of alternatives) {
      elements.forEach((element, at) => {
        words.add(
          elements
            .slice(0, at + 1)
            .map((part) => sampleOf(part, program))
            .join(''),
        );
        words.add(
          elements
            .slice(at)
            .map((part) => sampleOf(part, program))
            .join(''),
        );
        const inner = element.type === 'Quantifier' ? element.element : element;
        words.add(sampleOf(inner, program));
        if ('alternatives' in inner) visit(inner.alternatives);
      });
    }
  };
  visit(pattern.alternatives);
  for (const word of Array.from(words)) for (const character of alphabet.slice(0, 2)) words.add(word + character);
  return [...words];
}

/** What stands before each loop. */
function beginnings({ alternatives }: AST.Pattern, program: PatternProgram): readonly string[] {
  return alternatives.flatMap(({ elements }) =>
    elements.flatMap((element, at) =>
      element.type === 'Quantifier' || 'alternatives' in element
        ? [
            elements
              .slice(0, at)
              .map((part) => sampleOf(part, program))
              .join(''),
          ]
        : [],
    ),
  );
}

/** A short text that the element takes. */
function sampleOf(node: AST.Element, program: PatternProgram): string {
  switch (node.type) {
    case 'Character':
      return String.fromCodePoint(node.value);
    case 'CharacterSet':
    case 'CharacterClass': {
      const own = new RegExp(`^(?:${node.raw})$`, program.unicode ? 'u' : '');
      return ['a', '0', ' ', ...CANDIDATES].find((character) => own.test(character)) ?? '';
    }
    case 'Group':
    case 'CapturingGroup':
      return (node.alternatives[0]?.elements ?? []).map((element) => sampleOf(element, program)).join('');
    case 'Quantifier':
      return sampleOf(node.element, program).repeat(Math.max(1, node.min));
    case 'Assertion':
    case 'Backreference':
    case 'ExpressionCharacterClass':
      return '';
  }
}

import { expect, test } from 'vitest';
import { plainWords } from '../../indicators/plain-words.ts';

const VALUES = [
  '198.51.100.7',
  '2001:db8::1',
  'evil.example.com',
  'http://evil.example.com/a,b?c=1',
  'd41d8cd98f00b204e9800998ecf8427e',
  'evil@example.com',
];

test.each(VALUES)('a sentence with %s in it says nothing of it', (value) => {
  for (const sentence of [
    `declined with 400: "${value}" is bad`,
    `declined with 400: (${value.toUpperCase()}) is bad`,
  ]) {
    const plain = plainWords(sentence);
    expect(plain).toMatch(/^declined with 400: .*….*is bad$/);
    expect(plain.toLowerCase()).not.toContain(value.slice(-5));
  }
});

test('two that differ in what they are about are the same', () => {
  const said = (about: string, id: string): string => plainWords(`The  value ${about} is not a URL (request ${id}).`);
  expect(said('a.example.com', '0f8fad5b-d9cb-469f-a165-70867728950e')).toBe(
    said('b.example.org', '7c9e6679-7425-40de-944b-e07fc1f90ae7'),
  );
});

test('what is cut is cut between words', () => {
  const plain = plainWords(`${'so '.repeat(98)}d41d8cd98f00b204e9800998ecf8427e`);
  expect(plain).toMatch(/^(so ?)+$/);
});

test('plain words stay as they are', () => {
  expect(plainWords('ThreatStream declined the indicator with 400: no such circle.')).toBe(
    'ThreatStream declined the indicator with 400: no such circle.',
  );
});

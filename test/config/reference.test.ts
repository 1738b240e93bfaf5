import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { z } from 'zod';
import { parseConfig } from '../../config/parse-config.ts';
import { exampleLines } from '../../config/reference/example-part.ts';
import { settingsIn } from '../../config/reference/setting-list.ts';
import { writtenExample, writtenReference } from '../../config/reference/written.ts';
import { KINDS } from '../../destinations/kinds.ts';
import { problems, SMALL } from './small-config.ts';

const MAKE_IT = 'run "npm run reference" and commit what it writes';

test('the reference and the example are as the settings are declared', async () => {
  expect(await readFile('docs/configuration.md', 'utf8'), MAKE_IT).toBe(writtenReference());
  const example = await readFile('config/example.yaml', 'utf8');
  expect(example, MAKE_IT).toBe(writtenExample(example));
});

test.each(KINDS)('the example of $type is right, and what it leaves in is the default', ({ type, settings }) => {
  const declared = settingsIn(z.toJSONSchema(settings, { io: 'input' }));
  const written: unknown = parse(exampleLines(declared, 0).join('\n'));
  const given = Object.keys(Object(written));
  const read = settings.parse(written);
  const needed = Object.fromEntries(
    declared.filter((one) => one.default === null).map(({ name, example }) => [name, parse(example ?? type)]),
  );
  const bare = settings.parse(needed);
  for (const name of given) expect(Reflect.get(read, name), name).toEqual(Reflect.get(bare, name));
});

test('every kind has its page', async () => {
  for (const { type, title, stability } of KINDS) {
    const page = await readFile(`docs/destinations/${type}.md`, 'utf8');
    expect(page.split('\n')[0]).toBe(`# ${title}`);
    expect(page.includes('**Stability: beta.**')).toBe(stability === 'beta');
  }
});

test.each(KINDS)('the page of $type shows a destination that is right', async ({ type }) => {
  const page = await readFile(`docs/destinations/${type}.md`, 'utf8');
  const [, shown = ''] = /```yaml\n(destination:\n.*?)```/s.exec(page) ?? [];
  const before = SMALL.slice(0, SMALL.indexOf('    destination:'));
  const config = before + shown.replaceAll(/^(?=.)/gm, '    ');
  expect(config).toContain(`type: ${type}`);
  expect(problems(config)).toEqual([]);
});

test('a wrong type names the kinds that there are', () => {
  const text = 'pipelines:\n  a:\n    destination: { type: nowhere }\n';
  const parsed = parseConfig(text, 'mdti-sync.yaml');
  const kinds = KINDS.map(({ type }) => type).join(', ');
  expect(parsed.ok ? [] : parsed.problems.map(({ message }) => message)).toContain(
    `expected ${KINDS.length > 1 ? 'one of ' : ''}${kinds}, found "nowhere"`,
  );
});

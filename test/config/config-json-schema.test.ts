import { readFile } from 'node:fs/promises';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { beforeAll, describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { z } from 'zod';
import { configJsonSchema } from '../../config/config-json-schema.ts';

const validate = new Ajv2020({ strict: false, allErrors: true }).compile(configJsonSchema());

const pipelineFile = z.looseObject({
  pipelines: z.looseObject({
    threatstream: z.looseObject({
      schedule: z.looseObject({ every: z.unknown() }),
      destination: z.looseObject({ user: z.unknown() }),
    }),
  }),
});

describe('the JSON Schema, for editors', () => {
  let file: z.infer<typeof pipelineFile>;

  beforeAll(async () => {
    file = pipelineFile.parse(parse(await readFile('config/example.yaml', 'utf8')));
  });

  test('takes the example', () => {
    expect(validate(file), JSON.stringify(validate.errors)).toBe(true);
  });

  test.each(['500ms', '90s', '15m', '1.5h', '2d', '1w'])('takes the duration %s', (every) => {
    file.pipelines.threatstream.schedule.every = every;
    expect(validate(file)).toBe(true);
  });

  test.each([15, '15', '15 minutes', true])('refuses the duration %s', (every) => {
    file.pipelines.threatstream.schedule.every = every;
    expect(validate(file)).toBe(false);
    file.pipelines.threatstream.schedule.every = '15m';
  });

  test('refuses a secret as text, both places at once, and unknown keys', () => {
    for (const user of ['me', {}, { env: 'A', file: 'B' }, { vault: 'x' }]) {
      file.pipelines.threatstream.destination.user = user;
      expect(validate(file), JSON.stringify(user)).toBe(false);
    }
    file.pipelines.threatstream.destination.user = { env: 'A' };
    expect(validate(file)).toBe(true);
    expect(validate({ ...file, extra: 1 })).toBe(false);
  });

  test('describes every setting, and gives defaults in the form that the file has', () => {
    const text = JSON.stringify(configJsonSchema());
    expect(text).toContain('"default":"6h"');
    expect(settings(configJsonSchema(), '').filter(({ described }) => !described)).toEqual([]);
  });

  test('has no setting that the example leaves out', async () => {
    const example = await readFile('config/example.yaml', 'utf8');
    const names = settings(configJsonSchema(), '').map(({ path }) => path.split('.').at(-1) ?? '');
    expect(names.length).toBeGreaterThan(60);
    expect(names.filter((name) => !new RegExp(`\\b${name}: `).test(example.replaceAll(':\n', ': \n')))).toEqual([]);
  });
});

const node = z.looseObject({
  description: z.string().optional(),
  properties: z.record(z.string(), z.unknown()).optional(),
  additionalProperties: z.unknown().optional(),
  oneOf: z.array(z.unknown()).optional(),
});

interface Setting {
  readonly path: string;
  readonly described: boolean;
}

/** Every setting that the schema has, by its path. */
function settings(schema: unknown, path: string): Setting[] {
  const parsed = node.safeParse(schema);
  if (!parsed.success) return [];
  const { properties = {}, additionalProperties, oneOf = [] } = parsed.data;
  const own = Object.entries(properties).flatMap(([key, property]) => {
    const at = `${path}.${key}`;
    const described = node.safeParse(property).data?.description !== undefined;
    return [{ path: at, described }].concat(settings(property, at));
  });
  return own.concat(settings(additionalProperties, `${path}.*`), ...oneOf.map((one) => settings(one, path)));
}

import { z } from 'zod';
import { configSchema } from './config-schema.ts';

/** The file as JSON Schema (draft 2020-12), for editors: `# yaml-language-server: $schema=…` as its first line. */
export function configJsonSchema(): Record<string, unknown> {
  return {
    ...z.toJSONSchema(configSchema, { target: 'draft-2020-12', io: 'input' }),
    title: 'mdti-sync configuration',
  };
}

import { z } from 'zod';
import { KINDS } from '../../destinations/kinds.ts';
import { configJsonSchema } from '../config-json-schema.ts';
import { commentedLines, exampleLines } from './example-part.ts';
import { type DestinationReference, referencePage } from './reference-page.ts';
import { type Setting, settingsIn } from './setting-list.ts';

/** Between them stand the settings of destinations in the example. */
const BEGIN = '    # Destinations: made from their settings by "npm run reference".\n';
const END = '    # End of the destinations.\n';

const shape = z.looseObject({
  properties: z.looseObject({
    pipelines: z.looseObject({ additionalProperties: z.looseObject({ oneOf: z.tuple([z.unknown(), z.unknown()]) }) }),
  }),
});

/** The reference page. */
export function writtenReference(): string {
  const schema = configJsonSchema();
  const [sync, enrich] = shape.parse(schema).properties.pipelines.additionalProperties.oneOf;
  const settingsOf = (pipeline: unknown): readonly Setting[] =>
    settingsIn(pipeline, 'pipelines.<name>').filter(({ name }) => name !== 'destination');
  const sections = settingsIn(schema).map((section): Setting => {
    if (section.name !== 'pipelines') return section;
    return Object.assign(section, { path: 'pipelines.<name>', settings: settingsOf(sync) });
  });
  return referencePage(sections, settingsOf(enrich), destinations());
}

/** The example with the destinations' settings as they are declared; the rest of it stays. */
export function writtenExample(example: string): string {
  const [before, rest] = example.split(BEGIN);
  const after = rest?.split(END)[1];
  if (before === undefined || after === undefined)
    throw new Error('The example has lost the marks of its destinations.');
  const [first, ...others] = destinations();
  const lines = [
    ...(first === undefined ? [] : ['    destination:', ...exampleLines(first.settings, 6)]),
    ...others.flatMap(({ settings }) => ['', '    # destination:'].concat(commentedLines(settings, 4).map(deeper))),
  ];
  return `${before}${BEGIN}${lines.join('\n')}\n${END}${after}`;
}

function deeper(line: string): string {
  return line.replace('    # ', '    #   ');
}

function destinations(): readonly DestinationReference[] {
  return KINDS.map(({ type, title, stability, settings, select }) => ({
    type,
    title,
    stability,
    settings: settingsIn(z.toJSONSchema(settings, { target: 'draft-2020-12', io: 'input' })),
    select: select === undefined ? [] : settingsIn(z.toJSONSchema(select, { target: 'draft-2020-12', io: 'input' })),
  }));
}

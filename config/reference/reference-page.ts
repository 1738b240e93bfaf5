import type { Setting } from './setting-list.ts';

export interface DestinationReference {
  readonly type: string;
  readonly title: string;
  readonly stability: 'stable' | 'beta';
  readonly settings: readonly Setting[];
  /** What can be selected there to be enriched; none where nothing can. */
  readonly select: readonly Setting[];
}

/** docs/configuration.md: every setting of the file, section by section, then each kind of destination. */
export function referencePage(
  sections: readonly Setting[],
  enrich: readonly Setting[],
  destinations: readonly DestinationReference[],
): string {
  const parts = [
    '# Configuration reference',
    'Made from the settings as they are declared: `npm run reference` writes it anew. An example with all of them is [config/example.yaml](../config/example.yaml).',
    'Durations are texts: `500ms`, `90s`, `15m`, `6h`, `2d`; sizes, too: `512KiB`, `64MiB`. A secret is never in the file: `{ env: NAME }` or `{ file: PATH }`.',
    ...sections.flatMap((section) => sectionPart(section, 2)),
    '## Pipelines that enrich',
    'A pipeline with `kind: enrich` delivers nothing: it looks up what its destination holds already, and writes the reputation back. Its `destination` is as that of any other; how it works is told in [enrichment.md](enrichment.md).',
    settingsTable(enrich.filter((one) => one.settings.length === 0)),
    ...enrich.filter((one) => one.settings.length > 0).flatMap((one) => sectionPart(one, 3)),
    ...destinations.flatMap(({ type, select }) =>
      select.length === 0 ? [] : [`### select: ${type}`, settingsTable(select)],
    ),
    '## Destinations',
    'A pipeline’s `destination` has the settings of one kind, which `type` names. A kind is `beta` until it was seen at work with a real one.',
    table(
      ['type', 'destination', 'stability'],
      destinations.map(({ type, title, stability }) => [
        `[\`${type}\`](#destination-${type})`,
        `[${title}](destinations/${type}.md)`,
        stability,
      ]),
    ),
    ...destinations.flatMap(({ type, settings }) => [`### destination: ${type}`, settingsTable(settings)]),
  ];
  return `${parts.join('\n\n')}\n`;
}

function sectionPart(section: Setting, depth: number): readonly string[] {
  const { path, sentence, settings } = section;
  const plain = settings.filter((one) => one.settings.length === 0);
  return [
    `${'#'.repeat(Math.min(depth, 4))} ${path}`,
    sentence,
    ...(plain.length === 0 ? [] : [settingsTable(plain)]),
    ...settings.filter((one) => one.settings.length > 0).flatMap((one) => sectionPart(one, depth + 1)),
  ];
}

function settingsTable(settings: readonly Setting[]): string {
  return table(
    ['setting', 'what', 'default', 'meaning'],
    settings.map(({ name, type, sentence, default: otherwise, example }) => [
      `\`${name}\``,
      cell(type),
      otherwise === null ? '' : cell(otherwise),
      cell(example === null ? sentence : `${sentence} Example: \`${example}\``),
    ]),
  );
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  return [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}

function cell(text: string): string {
  return text.replaceAll('|', '\\|').replaceAll('\n', ' ');
}

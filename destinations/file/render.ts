import { createHash } from 'node:crypto';
import { z } from 'zod';
import { TLP_LEVELS, type Tlp } from '../../indicators/indicator.ts';
import { realBeginning } from '../../indicators/stix-time.ts';
import type { Deliverable, Rendered } from '../destination.ts';
import { fitted } from '../unfit.ts';
import type { FileSettings } from './file-settings.ts';
import type { FileForm } from './form.ts';
import type { Layout } from './layout.ts';
import { versionOf } from './version.ts';

interface RenderSettings extends Pick<FileSettings, 'format' | 'percentValues'> {
  readonly tlpDefault: Tlp;
}

/** What a file holds for an item. Pure: it depends on the item, what is held of it, and the settings alone. */
export function render(item: Deliverable, layout: Layout, settings: RenderSettings): Rendered {
  const { id, indicator, held } = item;
  const { key, facts } = indicator;
  const { generation, created, modified, ending } = versionOf(item);
  const form: FileForm = {
    generation,
    created,
    modified,
    validFrom: realBeginning(facts.validFrom),
    tlp: facts.tlp ?? settings.tlpDefault,
    threat: facts.threat,
  };
  const { text, shown } = layout.standing(item, form);
  const ended = ending.flatMap((old) => layout.ended(key, old) ?? []);
  const content: Content = { pieces: [...ended, text], tlps: [...new Set([...ending, form].map(({ tlp }) => tlp))] };
  return {
    id,
    key,
    hash: createHash('sha256')
      .update(JSON.stringify([settings.format, shown]))
      .digest('base64url')
      .slice(0, 22),
    batchKey: batchKeyOf(item, settings),
    value: key.value,
    form: { ...form },
    content: { ...content },
    ...(held === undefined ? {} : { held }),
  };
}

const PERCENT = '.percent';

function batchKeyOf({ indicator, held }: Deliverable, { format, percentValues }: RenderSettings): string {
  const act = (held?.remoteId ?? null) === null ? 'bring' : 'change';
  const isApart = format === 'threatstream-csv' && percentValues === 'apart' && indicator.key.value.includes('%');
  return isApart ? `${act}${PERCENT}` : act;
}

/** What stands in the name of a file of such items, to tell it from others. */
export function kindOfFile(batchKey: string): string {
  return batchKey.endsWith(PERCENT) ? PERCENT : '';
}

const contentShape = z.object({ pieces: z.array(z.string()), tlps: z.array(z.enum(TLP_LEVELS)) });

interface Content {
  readonly pieces: readonly string[];
  readonly tlps: readonly Tlp[];
}

/** What a file holds for what was put into its form; `Rejected` for what was not. */
export function contentOf({ content }: Pick<Rendered, 'content'>): Content {
  return fitted(() => contentShape.parse(content));
}

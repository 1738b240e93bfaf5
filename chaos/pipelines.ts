import { readFile, writeFile } from 'node:fs/promises';
import { isMap, parseDocument } from 'yaml';
import type { Stack } from '../test/e2e/stack.ts';
import type { Draw } from './draw.ts';
import type { Setup } from './setup.ts';
import type { SmallDisk } from './small-disk.ts';
import { Source } from './source.ts';

/** A pipeline, and the source of its rows. */
export interface ChaosPipeline {
  readonly name: string;
  readonly source: Source;
}

export interface PipelinesRequest {
  readonly name: string;
  readonly draw: Draw;
  readonly setup: Setup;
  readonly disk: SmallDisk | null;
}

/** The two read the rows of one source system each. What tells their indicators apart at the destination is a tag. */
const FIRST = { SourceSystem: 'Microsoft Defender Threat Intelligence', Tags: 'campaign:alpha' };
const SECOND = { SourceSystem: 'Premium Microsoft Defender Threat Intelligence', Tags: 'campaign:beta' };

/** Completes the configuration, and makes the sources of what is in it. */
export async function openPipelines(
  stack: Stack,
  { name, draw, setup, disk }: PipelinesRequest,
): Promise<readonly ChaosPipeline[]> {
  const file = parseDocument(await readFile(stack.configFile, 'utf8'));
  for (const [path, value] of setup.edits) file.setIn(path, value);
  if (disk !== null) file.setIn(['ledger', 'path'], disk.ledger);
  const first = stack.pipeline;
  const second = `${first}-b`;
  if (setup.twoPipelines) {
    const own = file.getIn(['pipelines', first]);
    if (!isMap(own)) throw new Error('The configuration has no pipeline.');
    file.setIn(['pipelines', second], own.clone());
    file.setIn(['pipelines', first, 'source', 'sourceSystems'], [FIRST.SourceSystem]);
    file.setIn(['pipelines', second, 'source', 'sourceSystems'], [SECOND.SourceSystem]);
  }
  await writeFile(stack.configFile, file.toString());
  // Letters only: the name is part of its domains.
  const plain = name.replaceAll(/[^a-z]/g, '').slice(0, 14);
  if (!setup.twoPipelines) return [{ name: first, source: new Source(draw.fork('source'), stack, { name: plain }) }];
  const applied = await stack.command('schedule', 'apply');
  if (applied.code !== 0) throw new Error(applied.stderr);
  return [
    { name: first, source: new Source(draw.fork('source'), stack, { name: `${plain}a`, set: FIRST }) },
    { name: second, source: new Source(draw.fork('second'), stack, { name: `${plain}b`, set: SECOND }) },
  ];
}

export function taskQueueOf({ pipeline }: Stack): string {
  return `queue of ${pipeline}`;
}

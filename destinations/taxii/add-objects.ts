import { z } from 'zod';
import { parseJson } from '../../http/faults.ts';
import type { HttpReply } from '../../http/http-client.ts';
import { Fault } from '../../indicators/fault.ts';
import { plainWords } from '../../indicators/plain-words.ts';
import { excerpt } from '../../indicators/storable-text.ts';
import type { Collection } from './collection.ts';
import { API, type TaxiiClient } from './taxii-client.ts';

export interface ObjectToAdd {
  readonly id: string;
}

const ENVELOPE = '{"objects":[]}'.length;

/** (Source: TAXII 2.1, 4.3.1.) What it says of single objects is never believed. */
const statusShape = z.object({ id: z.string().max(200).nullable().catch(null) });
const errorShape = z.object({ title: z.string().catch(''), description: z.string().catch('') });

/**
 * Adds objects in as few requests as the server's limit allows, which is one of the whole body, in bytes. Returns the id of the last status
 * resource. A request that is declined says nothing of which object is to blame, and some before it may have been taken.
 * (Source: TAXII 2.1, 5.5; medallion 3.0.0 answers 422 with all before it taken, OpenTAXII 0.9.3 answers 400 with nothing taken.)
 */
export async function addObjects(
  { client, collection }: { readonly client: TaxiiClient; readonly collection: Collection },
  objects: readonly ObjectToAdd[],
  signal: AbortSignal,
  { leaving, values = [] }: { readonly leaving?: () => Promise<void>; readonly values?: readonly string[] } = {},
): Promise<string | null> {
  const bytes = await collection.ready(signal);
  let status: string | null = null;
  let before = leaving;
  for (const [place, body] of bodiesOf(objects, bytes).entries()) {
    try {
      const call = { path: collection.objects, body, answers: [400, 422] };
      const reply = await client.send(call, signal, before);
      if (reply.status >= 300) throw declined(reply, values, objects.length > 1);
      status = statusShape.parse(Object(parseJson(API, reply))).id;
    } catch (error) {
      if (!(error instanceof Fault)) throw error;
      if (error.kind === 'TooLarge' || error.kind === 'Refused') collection.forget();
      throw place === 0 ? error : error.afterAPart();
    }
    before = undefined;
  }
  return status;
}

/** Each below the limit, unless one object alone is above it. */
function bodiesOf(objects: readonly ObjectToAdd[], most: number): readonly string[] {
  const bodies: string[][] = [];
  let open: string[] = [];
  let bytes = 0;
  for (const object of objects) {
    const text = JSON.stringify(object);
    const more = Buffer.byteLength(text) + 1;
    if (open.length === 0 || bytes + more > most) {
      open = [];
      bytes = ENVELOPE;
      bodies.push(open);
    }
    open.push(text);
    bytes += more;
  }
  return bodies.map((texts) => `{"objects":[${texts.join(',')}]}`);
}

function declined(reply: HttpReply, values: readonly string[], several: boolean): Fault {
  const said = wordsOf(reply, values);
  return new Fault(
    'Rejected',
    `${API} answered ${reply.status}: it cannot process what it was sent${said === '' ? '' : ` (${said})`}.`,
    several ? { inPart: true } : {},
  );
}

const LONGEST_WORDS = 160;

/** What the server says of it, where that is short and quotes none of what was sent. */
function wordsOf({ text }: HttpReply, values: readonly string[]): string {
  const { title, description } = errorShape.parse(Object(jsonOf(text)));
  return plainWordsOf(description === '' ? title : description, values);
}

/** A text of the server that can be shown; empty where it quotes an indicator, and without what looks like one in other letters. */
export function plainWordsOf(text: string, values: readonly string[]): string {
  const isQuoting = text.includes('--') || values.some((value) => text.includes(value.slice(0, 40)));
  return isQuoting || text.length > LONGEST_WORDS ? '' : plainWords(excerpt(text, LONGEST_WORDS));
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

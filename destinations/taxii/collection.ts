import { z } from 'zod';
import { Fault } from '../../indicators/fault.ts';
import { askedOnce } from './asked-once.ts';
import { API, type TaxiiClient } from './taxii-client.ts';

/** What a body may hold where the API root does not say it: as much as medallion's example. */
const USUAL_BYTES = 10_485_760;
/** Of what the server says, so much is used. */
const SHARE = 0.9;

/** (Source: TAXII 2.1, 4.2.1.) */
const rootShape = z.object({ max_content_length: z.coerce.number().positive().catch(USUAL_BYTES) });
/** (Source: TAXII 2.1, 5.2.1.) */
const resourceShape = z.object({
  id: z.string(),
  can_read: z.boolean().nullish().catch(null),
  can_write: z.boolean().nullish().catch(null),
});

export interface Collection {
  /** Path of its objects. */
  readonly objects: string;
  /** Asks whether it is there, and may be read and written. */
  look(signal: AbortSignal): Promise<void>;
  /** The same, once; how many bytes a body may have. */
  ready(signal: AbortSignal): Promise<number>;
  /** What was said may hold no longer. */
  forget(): void;
}

export function openCollection(client: TaxiiClient, id: string): Collection {
  const path = `collections/${encodeURIComponent(id)}/`;
  const look: Collection['look'] = async (signal) => {
    const { data: told } = resourceShape.safeParse(await client.read({ path }, signal));
    if (told === undefined) throw new Fault('Unavailable', `${API} answered with JSON that is no collection.`);
    const lacks = [told.can_read === false ? 'read' : '', told.can_write === false ? 'written to' : ''].filter(Boolean);
    if (lacks.length === 0) return;
    throw new Fault(
      'Refused',
      `${API} says that the collection may not be ${lacks.join(' or ')} by this account${told.can_read === false ? ', and what cannot be read cannot be confirmed' : ''}: have it allowed there, or choose another collection.`,
    );
  };
  const bytes = askedOnce(async (signal) => {
    await look(signal);
    const { max_content_length: most } = rootShape.parse(Object(await client.read({ path: '' }, signal)));
    return Math.floor(most * SHARE);
  });
  return { objects: `${path}objects/`, look, ready: bytes.get, forget: bytes.forget };
}

import { z } from 'zod';
import { standardId } from './standard-id.ts';

export const marking = z.object({
  standardId: z.string(),
  definitionType: z.string(),
  definition: z.string(),
  order: z.number(),
  /** Others that it came with. */
  stixIds: z.array(z.string()),
});
export type Marking = z.infer<typeof marking>;

/** What every platform has from the start. (Source: OpenCTI, schema/identifier, the static marking ids.) */
export const TLP_MARKINGS: readonly Marking[] = [
  tlp('TLP:CLEAR', '613f2e26-407d-48c7-9eca-b8e91df99dc9', 1),
  tlp('TLP:GREEN', '34098fce-860f-48ae-8e50-ebd3cc5e41da', 2),
  tlp('TLP:AMBER', 'f88d31f6-486f-44da-b317-01333bde0b82', 3),
  tlp('TLP:AMBER+STRICT', '826578e1-40ad-459f-bc73-ede076f81f37', 4),
  tlp('TLP:RED', '5e57c739-391a-4eb3-b6be-7d15ca92d5ed', 5),
];

function tlp(definition: string, uuid: string, order: number): Marking {
  return { standardId: `marking-definition--${uuid}`, definitionType: 'TLP', definition, order, stixIds: [] };
}

/** Of each type only the strictest is kept, so that a TLP can rise and not fall. (Source: OpenCTI, utils/markingDefinition-utils, `cleanMarkings`.) */
export function strictest(markings: readonly Marking[]): Marking[] {
  return markings.filter(
    (one) => !markings.some((other) => other.definitionType === one.definitionType && other.order > one.order),
  );
}

/** By which filters know a marking, and by no other id. */
export function markingInternalId({ standardId: id }: Marking): string {
  return standardId('internal', { id }).slice('internal--'.length);
}

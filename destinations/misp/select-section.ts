import { z } from 'zod';
import { setting, settingOf } from '../../settings/setting.ts';
import { HELD_TYPE_NAMES } from './held-types.ts';

const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

const event = z.union([z.int().min(1), z.string().regex(/^[1-9]\d{0,14}$/), z.string().regex(UUID).toLowerCase()], {
  error: 'expected the id or the UUID of an event',
});

/** Which attributes of a MISP are enriched: those that fit all that is said. Nothing said: all that the key sees. */
export const selectSection = z.strictObject({
  tags: setting(
    z.array(
      z
        .string()
        .min(1)
        .max(255)
        .regex(/^[^!]/, { error: 'expected a tag that is wanted: one with "!" before it would be one that is not' }),
    ),
    'Attributes that have one of these tags, or whose event has, as MISP compares them: whatever their case, and with % and _ for anything.',
    [],
  ),
  events: setting(z.array(event), 'Attributes of these events: ids or UUIDs.', []),
  types: setting(z.array(z.enum(HELD_TYPE_NAMES)).min(1), 'Attributes of these types.', [...HELD_TYPE_NAMES]),
  published: settingOf(z.boolean().optional(), 'Whether their event has to be published, or must not be.', {
    example: true,
    otherwise: 'either',
  }),
  toIds: settingOf(z.boolean().optional(), 'Whether they have to be for detection, or must not be.', {
    example: true,
    otherwise: 'either',
  }),
  ownOnly: setting(z.boolean(), 'Only those in events that the organisation of the key has made.', false),
});

export type MispSelection = z.output<typeof selectSection>;

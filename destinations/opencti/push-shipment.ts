import { companions, type Producer } from '../../indicators/stix-producer.ts';
import { laterThan } from '../../indicators/stix-time.ts';
import type { Form, Send } from '../destination.ts';
import { fitted } from '../unfit.ts';
import type { OpenCtiClient } from './opencti-client.ts';
import { readForm } from './opencti-form.ts';
import type { OpenCtiSettings } from './opencti-settings.ts';

/** Pushes indicators that are new, or that are held: OpenCTI makes no difference. */
export function pusher(
  client: OpenCtiClient,
  producer: Producer,
  { validFrom }: Pick<OpenCtiSettings, 'validFrom'>,
  now: () => Date,
): Send {
  return async ({ items }, signal, leaving) => {
    const today = validFrom === 'delivery' ? beginningOfDay(now()) : null;
    const objects = fitted(() => items.map(({ content, form }) => valid(content, form, today)));
    // The markings are OpenCTI's own; the author it may have to make.
    const work = await client.push([...companions([], producer), ...objects], signal, leaving);
    return { sentAt: now().toISOString(), work };
  };
}

/** The day and not the hour, so that the same push is the same again, but for one that is sent again after midnight. */
function beginningOfDay(now: Date): string {
  return `${now.toISOString().slice(0, 10)}T00:00:00.000Z`;
}

/** From the given day on, or later where the source says so: decay begins then. (Source: OpenCTI, modules/indicator, `addIndicator`.) */
function valid(content: Form | undefined, form: Form, today: string | null): Form {
  const read = readForm(form);
  if (content === undefined || read === null) throw new TypeError('There is nothing to send of an item.');
  const from = content['valid_from'];
  if (today === null || typeof from !== 'string' || from >= today) return content;
  return {
    ...content,
    valid_from: today,
    ...(read.until === null ? {} : { valid_until: laterThan(today, read.until) }),
  };
}

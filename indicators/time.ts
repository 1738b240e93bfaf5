/** ISO 8601 as Kusto writes it, with up to seven digits of a second; a missing offset means UTC. */
const ISO = /^(\d{4}-\d{2}-\d{2})[T ](\d{2}:\d{2}:\d{2})(?:\.(\d{1,9}))?(Z|[+-]\d{2}:?\d{2})?$/i;

/**
 * The time as `YYYY-MM-DDTHH:mm:ss.fffffffZ`: of fixed width, so that the order of the texts is the order of the times, and with
 * all seven digits, which a JavaScript date would cut to three. Null when it is no time.
 */
export function sourceTime(text: string): string | null {
  const match = ISO.exec(text.trim());
  if (match === null) return null;
  const [, day = '', clock = '', fraction = '', offset = 'Z'] = match;
  const seconds = Date.parse(`${day}T${clock}${offset.toUpperCase()}`);
  if (Number.isNaN(seconds)) return null;
  return `${new Date(seconds).toISOString().slice(0, 19)}.${fraction.slice(0, 7).padEnd(7, '0')}Z`;
}

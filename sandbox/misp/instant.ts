/** An instant as MISP shows it: with microseconds, and in UTC. Null when it is none. (Source: MISP 2.5.1, MispAttribute::ISODatetimeToUTC.) */
export function shownInstant(text: string): string | null {
  const hasZone = /(?:Z|[+-]\d\d:?\d\d)$/i.test(text);
  const time = Date.parse(hasZone || !text.includes(':') ? text : `${text}Z`);
  if (Number.isNaN(time)) return null;
  const fraction = /\.(\d+)/.exec(text)?.[1] ?? '';
  return `${new Date(time).toISOString().slice(0, 19)}.${fraction.padEnd(6, '0').slice(0, 6)}+00:00`;
}

const INSTANT = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d{1,6}))?Z$/;

/** The same for two texts of one instant, and in the order of time as text; null for what is no instant of STIX with six decimals at most. */
export function instantOf(text: string): string | null {
  const [, seconds, fraction = ''] = INSTANT.exec(text) ?? [];
  if (seconds === undefined || Number.isNaN(Date.parse(`${seconds}Z`))) return null;
  return `${seconds}.${fraction.padEnd(6, '0')}Z`;
}

/** Instants with microseconds, none of which is like an earlier one. (Source: TAXII 2.1, 3.1: `date_added` needs six decimals.) */
export function createStamps(now: () => Date): () => string {
  let last = '';
  return () => {
    const fresh = now().toISOString().replace('Z', '000Z');
    last = fresh > last ? fresh : next(last);
    return last;
  };
}

function next(stamp: string): string {
  const micros = Number(stamp.slice(20, 26)) + 1;
  if (micros < 1_000_000) return `${stamp.slice(0, 20)}${String(micros).padStart(6, '0')}Z`;
  return new Date(Date.parse(`${stamp.slice(0, 19)}Z`) + 1_000).toISOString().replace('Z', '000Z');
}

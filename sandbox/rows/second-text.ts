const TWO_DIGITS = Array.from({ length: 60 }, (_, number) => String(number).padStart(2, '0'));
const days = new Map<number, string>();

/** `2026-11-24T08:15:23` of milliseconds since 1970, UTC. Quick, since most cells of a row are times; days are remembered. */
export function secondText(ms: number): string {
  const second = Math.floor(ms / 1_000);
  const day = Math.floor(second / 86_400);
  let date = days.get(day);
  if (date === undefined) {
    date = new Date(day * 86_400_000).toISOString().slice(0, 10);
    days.set(day, date);
  }
  const ofDay = second - day * 86_400;
  const [hours, minutes] = [Math.floor(ofDay / 3_600), Math.floor(ofDay / 60) % 60];
  return `${date}T${TWO_DIGITS[hours] ?? ''}:${TWO_DIGITS[minutes] ?? ''}:${TWO_DIGITS[ofDay % 60] ?? ''}`;
}

/** The same with the seven digits of a whole second. */
export function wholeSecond(ms: number): string {
  return `${secondText(ms)}.0000000Z`;
}

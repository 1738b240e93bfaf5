/** Windows are alike enough to go by their number; `Date.now()` is the workflow's own, replayable time. */
export function expectedEnd(begun: number, done: number, total: number): string | null {
  if (done === 0 || done >= total) return null;
  const now = Date.now();
  return new Date(now + ((now - begun) / done) * (total - done)).toISOString();
}

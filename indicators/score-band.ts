/** From the top. The borders at 50 and 75 are those of MDTI's classifications. */
const BANDS = [
  [90, '90-100'],
  [75, '75-89'],
  [50, '50-74'],
  [0, '0-49'],
] as const;

/** A few bands of scores, by which analysts filter: `75-89`. */
export function bandOf(score: number): string {
  return BANDS.find(([from]) => score >= from)?.[1] ?? '0-49';
}

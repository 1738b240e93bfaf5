/** What a destination calls so many requests that bring indicators, and else what they are. */
export function shipmentWords(name: string | undefined, count: number): string {
  if (name !== undefined) return count === 1 ? name : `${name}s`;
  return count === 1 ? 'request that brings indicators' : 'requests that bring indicators';
}

const SETTING = 'TEMPORAL_ADDRESS (or address in temporal.toml, or --address)';
const EXPECTED = 'expected HOST:PORT, such as 127.0.0.1:7233';

/**
 * Why this cannot be the address of a Temporal server, as a sentence with what to write; null when it can. The address itself is not
 * repeated: a password may stand in it. (Its form: `@temporalio/common` 1.24.)
 */
export function temporalAddressProblem(address: string): string | null {
  if (address.includes('://')) {
    return `${SETTING} has a scheme: ${EXPECTED}, without what stands before ://. TLS is asked for by TEMPORAL_TLS=true.`;
  }
  if (/[\s/@?#]/.test(address)) return `${SETTING} is no address: ${EXPECTED}, and nothing else.`;
  const parts = /^(\[[0-9a-fA-F:.]+\]|[^[\]:]+)(?::(\d{1,5}))?$/.exec(address);
  if (parts === null) {
    return (address.match(/:/g) ?? []).length > 1
      ? `${SETTING} has an IPv6 address without brackets: expected [HOST]:PORT, such as [::1]:7233.`
      : `${SETTING} is no address: ${EXPECTED}.`;
  }
  // What stands for something in the examples of others, as <namespace>, and what only looks like IPv6.
  if (!URL.canParse(`temporal://${parts[1]}`)) return `${SETTING} has a host that there cannot be: ${EXPECTED}.`;
  const port = parts[2] === undefined ? 1 : Number(parts[2]);
  return port >= 1 && port <= 65_535 ? null : `${SETTING} has no port that there is: ${EXPECTED}.`;
}

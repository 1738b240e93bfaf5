/** The kinds of observable; hashes of any length are `md5`, and everything that is none of the others is `string`. */
export const KINDS = ['ip', 'ipv6', 'domain', 'url', 'email', 'md5', 'string'] as const;
export type Kind = (typeof KINDS)[number];

/**
 * As the connectors' manuals and the API reference list them, shortened. (Source: Splunk SOAR `threatstream`,
 * manual_readme_content.md; facts/tips.md 0.1 for the newer ones of IPv6 and hashes, 1.2 for the wildcards.)
 */
const ITYPES: Readonly<Record<Kind, ReadonlySet<string>>> = {
  ip: words(
    `mal_ip c2_ip bot_ip apt_ip compromised_ip phish_ip scan_ip suspicious_ip brute_ip exploit_ip exfil_ip fraud_ip spam_ip
    sinkhole_ip ddos_ip tor_ip proxy_ip parked_ip vps_ip ssh_ip i2p_ip crypto_ip anon_proxy anon_vpn p2pcnc actor_ip`,
  ),
  ipv6: words(
    `mal_ipv6 c2_ipv6 bot_ipv6 apt_ipv6 compromised_ipv6 phish_ipv6 scan_ipv6 brute_ipv6 exploit_ipv6 exfil_ipv6 spam_ipv6
    sinkhole_ipv6 ddos_ipv6 tor_ipv6 proxy_ipv6 parked_ipv6 vps_ipv6 ssh_ipv6 i2p_ipv6 actor_ipv6 anon_proxy_ipv6
    anon_vpn_ipv6 p2pcnc_ipv6 suspicious_ipv6 fraud_ipv6 crypto_ipv6 infostealer_ipv6 ransomware_ipv6 trojan_ipv6
    downloader_ipv6 iot_ipv6 pos_ipv6 suppress_ipv6`,
  ),
  domain: words(
    `mal_domain c2_domain apt_domain phish_domain compromised_domain suspicious_domain exploit_domain exfil_domain
    fraud_domain spam_domain sinkhole_domain parked_domain adware_domain dyn_dns vpn_domain whois_privacy_domain`,
  ),
  url: words(
    `mal_url c2_url apt_url phish_url compromised_url suspicious_url exploit_url exfil_url fraud_url spam_url parked_url
    crypto_url`,
  ),
  email: words('mal_email phish_email apt_email compromised_email fraud_email spam_email suspicious_email'),
  md5: words(
    `mal_md5 apt_md5 phish_md5 fraud_md5 suspicious_md5 bot_md5 exploit_md5 ransomware_hash hack_tool crypto_hash mal_ssdeep
    apt_ssdeep`,
  ),
  string: words('suspicious_wildcard_url sus_wildcard_url mal_ua mal_regkey mal_fname'),
};
/** What a value with a `%` becomes. */
export const WILDCARD_ITYPE = 'suspicious_wildcard_url';

const THREAT_TYPES = words(
  `adware anomalous anonymization apt bot brute c2 compromised crypto data_leakage ddos dyn_dns exfil exploit fraud hack_tool
  i2p informational malware p2p parked phish scan sinkhole spam suppress suspicious tor vps`,
);

export function isItypeOf(kind: Kind, itype: string): boolean {
  return ITYPES[kind].has(itype);
}

export function isThreatType(text: string): boolean {
  return THREAT_TYPES.has(text);
}

/**
 * The itype that a threat type gives an observable for which no mapping is given: that of malware where its kind has none. Null for
 * values of the type String, which need one of their own. (Source: facts/tips.md 1.2, 1.3.)
 */
export function itypeFrom(threatType: string, kind: Kind): string | null {
  if (kind === 'string') return null;
  const itype = `${threatType === 'malware' ? 'mal' : threatType}_${kind}`;
  return ITYPES[kind].has(itype) ? itype : `mal_${kind}`;
}

const SEVERITY_OF_FAMILY: Readonly<Record<string, string>> = {
  apt: 'very-high',
  ransomware: 'very-high',
  c2: 'high',
  phish: 'high',
  exploit: 'high',
  exfil: 'high',
  infostealer: 'high',
  trojan: 'high',
  parked: 'low',
  scan: 'low',
  spam: 'low',
  suppress: 'low',
  proxy: 'low',
  tor: 'low',
  vps: 'low',
};

/**
 * The severity of an observable for which none is given. That each itype has one: facts/tips.md 0.9. The figures are made up by the
 * itype's family: those of the reference's appendix B are not at hand.
 */
export function severityFrom(itype: string): string {
  return SEVERITY_OF_FAMILY[itype.split('_')[0] ?? ''] ?? 'medium';
}

function words(text: string): ReadonlySet<string> {
  return new Set(text.split(/\s+/));
}

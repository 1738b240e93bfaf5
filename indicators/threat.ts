import { THREATS, type Threat } from './indicator.ts';

/**
 * Words for a threat, as they stand in STIX `indicator_types` (the open vocabulary of STIX 2.1, section 10.10), in the legacy
 * table's `ThreatType`, in labels and in tags. `unknown` says nothing.
 */
const WORDS: ReadonlyMap<string, Threat> = new Map([
  ...words(
    'malware',
    'malicious-activity',
    'malicious',
    'malware',
    'maliciousurl',
    'malicious-url',
    'ransomware',
    'trojan',
  ),
  ...words('c2', 'c2', 'c&c', 'cnc', 'command-and-control', 'c2-server'),
  ...words('botnet', 'botnet', 'bot'),
  ...words('phishing', 'phishing', 'phish', 'credential-phishing', 'spearphishing', 'spear-phishing'),
  ...words('compromised', 'compromised'),
  ...words('apt', 'attribution', 'apt', 'nation-state'),
  ...words('exploit', 'exploit', 'exploits', 'exploitation', 'exploit-kit'),
  ...words('scanning', 'scanning', 'scanner', 'scan', 'port-scan', 'reconnaissance'),
  ...words('brute-force', 'brute-force', 'bruteforce', 'password-spray'),
  ...words('exfiltration', 'exfiltration', 'exfil', 'data-exfiltration'),
  ...words('spam', 'spam', 'malspam'),
  ...words('fraud', 'fraud', 'scam'),
  ...words('ddos', 'ddos', 'dos'),
  ...words('proxy', 'anonymization', 'proxy', 'vpn', 'anonymizer'),
  ...words('tor', 'darknet', 'tor', 'tor-exit', 'tor-exit-node'),
  ...words('cryptomining', 'cryptomining', 'crypto-mining', 'coinminer', 'cryptojacking'),
  ...words('suspicious', 'anomalous-activity', 'suspicious', 'benign', 'pua', 'watchlist'),
]);

/**
 * What an indicator is said to be. Its declared types decide; where they say no more than `malware` or `suspicious`, a tag or
 * label that says more does. Without a word that is known: `malware`, since the feed is one of known-malicious indicators.
 */
export function threatOf(declared: readonly string[], tags: readonly string[]): Threat {
  const said = mostTelling(known(declared));
  if (said !== null && !isVague(said)) return said;
  const hinted = mostTelling(known(tags));
  return hinted !== null && !isVague(hinted) ? hinted : (said ?? hinted ?? 'malware');
}

/** The one that says most: the order of `THREATS`, but `malware` and then `suspicious` come last. Null for none. */
export function mostTelling(threats: readonly Threat[]): Threat | null {
  return threats.reduce<Threat | null>((a, b) => (a === null || vagueness(b) < vagueness(a) ? b : a), null);
}

/** By the order of `mostTelling`. */
export function saysMore(threat: Threat, than: Threat): boolean {
  return vagueness(threat) < vagueness(than);
}

function vagueness(threat: Threat): number {
  if (threat === 'suspicious') return THREATS.length + 1;
  return threat === 'malware' ? THREATS.length : THREATS.indexOf(threat);
}

function isVague(threat: Threat): boolean {
  return threat === 'malware' || threat === 'suspicious';
}

/** A tag may name what it is about: `threat:phishing`. */
function known(texts: readonly string[]): readonly Threat[] {
  return texts.flatMap((text) => {
    const word = text
      .trim()
      .toLowerCase()
      .replace(/^(?:threat|threattype|threat-type|category):/, '')
      .replace(/[\s_]+/g, '-');
    return WORDS.get(word) ?? [];
  });
}

/** The threat that a word is a name of; null for none. */
export function threatNamed(word: string): Threat | null {
  return known([word])[0] ?? null;
}

function words(threat: Threat, ...texts: readonly string[]): readonly (readonly [string, Threat])[] {
  return texts.map((text) => [text, threat] as const);
}

import { THREATS, type Threat } from './indicator.ts';

/** Words of STIX's indicator types, of the legacy table's ThreatType, and of MDTI's tags, each with the threat that it tells. */
const WORDS: Readonly<Record<string, Threat>> = {
  c2: 'c2',
  cnc: 'c2',
  'command-and-control': 'c2',
  botnet: 'botnet',
  bot: 'botnet',
  phishing: 'phishing',
  phish: 'phishing',
  compromised: 'compromised',
  attribution: 'apt',
  apt: 'apt',
  exploit: 'exploit',
  exploitation: 'exploit',
  scanning: 'scanning',
  scanner: 'scanning',
  reconnaissance: 'scanning',
  'brute-force': 'brute-force',
  bruteforce: 'brute-force',
  exfiltration: 'exfiltration',
  spam: 'spam',
  fraud: 'fraud',
  ddos: 'ddos',
  proxy: 'proxy',
  anonymization: 'proxy',
  darknet: 'tor',
  tor: 'tor',
  cryptomining: 'cryptomining',
  malware: 'malware',
  'malicious-activity': 'malware',
  maliciousurl: 'malware',
  'anomalous-activity': 'suspicious',
  watchlist: 'suspicious',
  pua: 'suspicious',
};

/** The most telling threat that the words name, by the order of `THREATS`; `malware` when they name none. */
export function threatOf(words: readonly string[]): Threat {
  let best: Threat | null = null;
  for (const word of words) {
    const threat =
      WORDS[
        word
          .trim()
          .toLowerCase()
          .replaceAll(/[\s_]+/g, '-')
      ];
    if (threat !== undefined && (best === null || rank(threat) < rank(best))) best = threat;
  }
  return best ?? 'malware';
}

/** How much a threat tells: `malware` and `suspicious` say least. */
export function rank(threat: Threat): number {
  if (threat === 'suspicious') return THREATS.length + 1;
  return threat === 'malware' ? THREATS.length : THREATS.indexOf(threat);
}

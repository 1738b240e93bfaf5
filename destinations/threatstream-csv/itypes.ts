import { z } from 'zod';
import type { IndicatorType, Threat } from '../../indicators/indicator.ts';
import { THREATS } from '../../indicators/indicator.ts';

/** The kinds of observable as ThreatStream's itypes tell them apart; hashes of any length are `md5`. */
export const KINDS = ['ip', 'ipv6', 'domain', 'url', 'email', 'md5'] as const;
export type Kind = (typeof KINDS)[number];

const itype = z.string().regex(/^[a-z0-9_]+$/, { error: 'expected an itype such as apt_md5' });

/** A setting: itypes that replace those that are given here. */
export const itypesByKind = z.partialRecord(z.enum(KINDS), z.partialRecord(z.enum(THREATS), itype));

const KIND_OF: Readonly<Record<IndicatorType, Kind>> = {
  ipv4: 'ip',
  ipv6: 'ipv6',
  domain: 'domain',
  url: 'url',
  email: 'email',
  md5: 'md5',
  sha1: 'md5',
  sha256: 'md5',
};

/** As ThreatStream's vocabulary has them. (Source: Splunk SOAR `threatstream`, manual_readme_content.md.) */
const THREAT_TYPE: Readonly<Record<Threat, string>> = {
  malware: 'malware',
  c2: 'c2',
  botnet: 'bot',
  phishing: 'phish',
  compromised: 'compromised',
  apt: 'apt',
  exploit: 'exploit',
  scanning: 'scan',
  'brute-force': 'brute',
  exfiltration: 'exfil',
  spam: 'spam',
  fraud: 'fraud',
  ddos: 'ddos',
  proxy: 'anonymization',
  tor: 'tor',
  cryptomining: 'crypto',
  suspicious: 'suspicious',
};

/** Where a kind has an itype of its own for a threat; all others are `mal_…`. (From the same source, and ThreatStream's API reference, which lists more.) */
const ITYPES: Readonly<Record<Kind, Readonly<Partial<Record<Threat, string>>>>> = {
  ip: {
    c2: 'c2_ip',
    botnet: 'bot_ip',
    phishing: 'phish_ip',
    compromised: 'compromised_ip',
    apt: 'apt_ip',
    exploit: 'exploit_ip',
    scanning: 'scan_ip',
    'brute-force': 'brute_ip',
    exfiltration: 'exfil_ip',
    spam: 'spam_ip',
    fraud: 'fraud_ip',
    ddos: 'ddos_ip',
    proxy: 'proxy_ip',
    tor: 'tor_ip',
    cryptomining: 'crypto_ip',
    suspicious: 'suspicious_ip',
  },
  ipv6: {
    c2: 'c2_ipv6',
    botnet: 'bot_ipv6',
    phishing: 'phish_ipv6',
    compromised: 'compromised_ipv6',
    apt: 'apt_ipv6',
    exploit: 'exploit_ipv6',
    scanning: 'scan_ipv6',
    'brute-force': 'brute_ipv6',
    exfiltration: 'exfil_ipv6',
    spam: 'spam_ipv6',
    fraud: 'fraud_ipv6',
    ddos: 'ddos_ipv6',
    proxy: 'proxy_ipv6',
    tor: 'tor_ipv6',
    cryptomining: 'crypto_ipv6',
    suspicious: 'suspicious_ipv6',
  },
  domain: {
    c2: 'c2_domain',
    phishing: 'phish_domain',
    compromised: 'compromised_domain',
    apt: 'apt_domain',
    exploit: 'exploit_domain',
    exfiltration: 'exfil_domain',
    spam: 'spam_domain',
    fraud: 'fraud_domain',
    suspicious: 'suspicious_domain',
  },
  url: {
    c2: 'c2_url',
    phishing: 'phish_url',
    compromised: 'compromised_url',
    apt: 'apt_url',
    exploit: 'exploit_url',
    exfiltration: 'exfil_url',
    spam: 'spam_url',
    fraud: 'fraud_url',
    cryptomining: 'crypto_url',
    suspicious: 'suspicious_url',
  },
  email: {
    phishing: 'phish_email',
    compromised: 'compromised_email',
    apt: 'apt_email',
    spam: 'spam_email',
    fraud: 'fraud_email',
    suspicious: 'suspicious_email',
  },
  md5: {
    botnet: 'bot_md5',
    phishing: 'phish_md5',
    apt: 'apt_md5',
    exploit: 'exploit_md5',
    fraud: 'fraud_md5',
    cryptomining: 'crypto_hash',
    suspicious: 'suspicious_md5',
  },
};

export function kindOf(type: IndicatorType): Kind {
  return KIND_OF[type];
}

export function itypeOf(kind: Kind, threat: Threat, itypes: z.output<typeof itypesByKind>): string {
  return itypes[kind]?.[threat] ?? ITYPES[kind][threat] ?? `mal_${kind}`;
}

export function threatTypeOf(threat: Threat, threatTypes: Readonly<Partial<Record<Threat, string>>>): string {
  return threatTypes[threat] ?? THREAT_TYPE[threat];
}

import { domainToASCII } from 'node:url';
import ipaddr from 'ipaddr.js';
import { z } from 'zod';

/** `10.0.0.0/8`, `2001:db8::/32`; a single address is the network of that address alone. */
export const network = z.string({ error: 'expected a network such as 10.0.0.0/8' }).transform((text, context) => {
  const cidr = text.includes('/') ? text : `${text}/${text.includes(':') ? 128 : 32}`;
  if (ipaddr.IPv4.isValidCIDRFourPartDecimal(cidr) || ipaddr.IPv6.isValidCIDR(cidr)) return cidr;
  context.addIssue({
    code: 'custom',
    message: `expected a network such as 10.0.0.0/8 or 2001:db8::/32, found "${text.slice(0, 60)}"`,
  });
  return z.NEVER;
});

const LABEL = /^[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?$/;

/** A domain; it stands for everything below it too, so `*.` and dots around it are left out. Given as lower-case ASCII. */
export const domain = z.string({ error: 'expected a domain such as example.com' }).transform((text, context) => {
  const bare = text.replace(/^\*?\.|\.$/g, '').toLowerCase();
  const ascii = /^[\x21-\x7e]*$/.test(bare) ? bare : domainToASCII(bare);
  const labels = ascii.split('.');
  if (labels.every((label) => LABEL.test(label)) && !/^\d+$/.test(labels.at(-1) ?? '')) return ascii;
  context.addIssue({ code: 'custom', message: `expected a domain such as example.com, found "${text.slice(0, 60)}"` });
  return z.NEVER;
});

import { z } from 'zod';
import { duration } from '../settings/duration.ts';
import { secretRef } from '../settings/secret-ref.ts';
import { problemOf } from '../settings/web-address.ts';

const expectedHost = 'expected a host such as api.example.com, .example.com, 10.0.0.5 or api.example.com:8443';

/** How the outside is reached. */
export const networkSection = z
  .strictObject({
    caFile: z
      .string()
      .min(1)
      .optional()
      .describe(
        'Path of PEM certificates to trust beside the system’s, for TLS proxies. Example: /etc/ssl/company-ca.pem',
      ),
    proxy: z
      .string({ error: 'expected the address of a proxy such as http://proxy.example.com:8080' })
      .superRefine((text, context) => {
        const bare = text.replace(/^http:/, 'https:');
        const problem = problemOf(bare);
        if (problem === null) return;
        context.addIssue({
          code: 'custom',
          message: `expected the address of a proxy such as http://proxy.example.com:8080, ${problem}`,
        });
      })
      .optional()
      .describe(
        'Forward proxy for every outside API, without credentials. Default: what HTTPS_PROXY says. Example: http://proxy.example.com:8080',
      ),
    proxyUser: secretRef('user')
      .optional()
      .describe('Where the user is by which the proxy knows us, if it asks. Example: { env: PROXY_USER }'),
    proxyPassword: secretRef('text')
      .optional()
      .describe('Where the password of proxyUser is. Example: { file: /run/secrets/proxy-password }'),
    noProxy: z
      .array(z.string({ error: expectedHost }).regex(/^(?:\*|[*.\w:[\]-]{1,300})$/, { error: expectedHost }), {
        error: 'expected a list of hosts such as [api.threatstream.example.com, .internal.example.com]',
      })
      .optional()
      .describe(
        'Hosts that are reached without the proxy, each with the hosts below it, with a port if only that one is meant; "*" for all. Default: what NO_PROXY says. Example: [tip.internal.example.com]',
      ),
    timeout: duration({ min: '1s', max: '15m' })
      .prefault('120s')
      .describe('A whole request to Graph or a destination may take this long. Default: 120s'),
    longestRetryAfter: duration({ min: '1s', max: '1d' })
      .prefault('1h')
      .describe(
        'When an API asks to wait longer than this (Retry-After), it is tried again after this. The update resume lifts what is waited for. Default: 1h',
      ),
  })
  .superRefine(({ proxy, proxyUser, proxyPassword }, context) => {
    const say = (path: string, message: string) => context.addIssue({ code: 'custom', path: [path], message });
    if (proxyUser !== undefined && proxyPassword === undefined) say('proxyPassword', 'is missing: proxyUser needs it');
    if (proxyPassword !== undefined && proxyUser === undefined) say('proxyUser', 'is missing: proxyPassword needs it');
    if (proxy === undefined && proxyUser !== undefined) say('proxy', 'is missing: proxyUser needs it');
  });

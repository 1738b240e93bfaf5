import { z } from 'zod';
import { TLP_LEVELS } from '../indicators/indicator.ts';
import { BRING_REFUSED } from '../indicators/refusal.ts';
import { exclusionSection } from './exclusion-section.ts';

const choice = z.enum(['deliver', 'hold']);
const score = z.int().min(0).max(100);

/** What a pipeline delivers: `Policy` of the domain, and the score that takes a delivery back. */
export const policySection = z
  .strictObject({
    minimumScore: score
      .prefault(75)
      .describe('Hosts with a reputation score at or above it are delivered; 0 to 100. Default: 75'),
    retractBelow: score
      .optional()
      .describe(
        'A delivered host whose score drops below it is withdrawn; 0 to 100. Default: 50, or minimumScore if that is lower',
      ),
    bringRefused: z
      .enum(BRING_REFUSED)
      .prefault('rise')
      .describe(
        "What an analyst has rejected is brought again when MDTI's classification of it or its threat rises (rise), when anything changes that the destination would hold (change), or never. Default: rise",
      ),
    withoutReputation: z
      .strictObject({
        hash: choice.prefault('deliver').describe('File hashes: deliver or hold. Default: deliver'),
        url: z
          .enum(['deliver', 'hold', 'by-host'])
          .prefault('deliver')
          .describe('URLs: deliver, hold, or by-host (as their host would be decided). Default: deliver'),
        email: choice.prefault('deliver').describe('E-mail addresses: deliver or hold. Default: deliver'),
        host: choice
          .prefault('hold')
          .describe('Addresses and domains that MDTI has no reputation of: deliver or hold. Default: hold'),
      })
      .prefault({})
      .describe('What is done with indicators that MDTI has no reputation for.'),
    exclude: exclusionSection.prefault({}).describe('What is never delivered.'),
    tlpCeiling: z
      .enum(TLP_LEVELS)
      .prefault('amber')
      .describe('Indicators with a stricter marking are left out. Default: amber'),
    tlpDefault: z
      .enum(TLP_LEVELS)
      .prefault('amber')
      .describe('What an indicator without a marking is taken for. Default: amber'),
  })
  .transform((policy, context) => {
    const retractBelow = policy.retractBelow ?? Math.min(50, policy.minimumScore);
    if (retractBelow <= policy.minimumScore) return { ...policy, retractBelow };
    context.addIssue({
      code: 'custom',
      path: ['retractBelow'],
      message: `expected no more than minimumScore (${policy.minimumScore}), found ${retractBelow}: an indicator would be delivered and withdrawn again`,
      params: { suggestion: String(policy.minimumScore) },
    });
    return z.NEVER;
  });

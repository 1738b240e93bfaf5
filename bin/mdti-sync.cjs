#!/usr/bin/env node
'use strict';

// The command. Until the version of Node.js is known to be new enough, nothing here may be newer than ES5: an old one is to read a
// sentence, and not a syntax error.
require('./require-node.cjs');
require('./start.cjs');

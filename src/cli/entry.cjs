#!/usr/bin/env node
/*
 * The file that is started. It is written in the language of 2009, which every Node can read, and says which Node is
 * needed before it requires the program, which an old one could not even read. It may have been copied alone.
 */
'use strict';

/* Filled in by the build, from `engines` of package.json. */
var needed = NODE_NEEDED;
var program = __dirname + '/program.cjs';

function isOlder(version, than) {
  var own = version.split('.');
  var other = than.split('.');
  for (var i = 0; i < other.length; i++) {
    if (Number(own[i]) !== Number(other[i])) return Number(own[i]) < Number(other[i]);
  }
  return false;
}

function wantedFormat(words) {
  for (var i = 0; i < words.length && words[i] !== '--'; i++) {
    if (words[i] === '--format') return words[i + 1];
    if (words[i].indexOf('--format=') === 0) return words[i].slice('--format='.length);
  }
  return 'text';
}

function refuse(code, message, next) {
  var format = wantedFormat(process.argv.slice(2));
  if (format === 'json' || format === 'jsonl') {
    var document = {
      format: 'runbook.error/1',
      command: null,
      diagnostics: [],
      error: {
        code: code,
        layer: 'procedure',
        message: message,
        next: next,
        cdb: null,
        offset: null,
        sense: null,
      },
      exit: { code: 4, name: 'REFUSED' },
    };
    console.log(JSON.stringify(document, null, format === 'json' ? 2 : 0));
  } else {
    console.error(message + '\n  next: ' + next);
  }
  process.exitCode = 4;
}

if (isOlder(process.versions.node, needed)) {
  var old = 'runbook needs Node.js ' + needed + ' or later, this is ' + process.versions.node;
  var newer = 'Install a newer Node.js, or start runbook with one: /path/to/node ' + __filename;
  refuse('node-too-old', old, newer);
} else if (!require('fs').existsSync(program)) {
  var alone = program + ' is not there: runbook.cjs is only the start of the program';
  var whole = 'Copy the whole folder that runbook.cjs came in, or install a package.';
  refuse('program-incomplete', alone, whole);
} else {
  require(program);
}

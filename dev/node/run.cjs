// Runs a script of this repository, or says in one line why this Node can't: `node dev/node/run.cjs dev/test.ts --coverage`.
"use strict";
const { resolve } = require("node:path");
const { pathToFileURL } = require("node:url");

// As if Node had been given the script itself.
process.argv.splice(1, 2, resolve(process.argv[2]));
if (process.features.typescript) import(pathToFileURL(process.argv[1]).href);
else {
  console.error(
    `the scripts of this repository need Node 24, and this is Node ${process.versions.node}. npm run brings Node 24 along on Linux, and on macOS with Apple silicon; elsewhere, install it from https://nodejs.org`,
  );
  process.exitCode = 2;
}

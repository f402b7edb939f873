#!/usr/bin/env node
// This file is plain JavaScript for any Node, so that an old Node gets a sentence instead of a syntax error.
"use strict";
const { existsSync } = require("node:fs");
const { join } = require("node:path");
const { pathToFileURL } = require("node:url");

const OLDEST = [20, 19];
const [major, minor] = process.versions.node.split(".").map(Number);
const isOld = major < OLDEST[0] || (major === OLDEST[0] && minor < OLDEST[1]);
// The repository has the sources; the package has them compiled.
const source = join(__dirname, "..", "cli", "main.ts");
const isSource = existsSync(source);

if (isOld) {
  quit(`rego-authorizer needs Node ${OLDEST.join(".")} or later; this is Node ${process.versions.node}`);
} else if (isSource && !process.features.typescript) {
  quit(
    `the sources of rego-authorizer need Node 24, and this is Node ${process.versions.node}. npx and npm run bring Node 24 along on Linux, and on macOS with Apple silicon; elsewhere, install it from https://nodejs.org`,
  );
} else {
  import(pathToFileURL(isSource ? source : join(__dirname, "..", "lib", "cli", "main.js")).href);
}

function quit(line) {
  console.error(line);
  process.exitCode = 2;
}

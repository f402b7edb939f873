// One cold start, taken apart: loads the handler, sends it the event, and prints the CPU time of each part on
// standard error. Parts are calls of Node and of the compiled policy, so that any handler can be taken apart.
import { readFileSync } from "node:fs";
import { createRequire, isBuiltin, syncBuiltinESMExports } from "node:module";

const [, , entry, eventFile] = process.argv;
const event = JSON.parse(readFileSync(eventFile, "utf8"));
const parts = {};

function nowMs() {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

/** Runs a function, and adds its time to a part. No part is within another. */
function timed(part, run) {
  const startMs = nowMs();
  try {
    return run();
  } finally {
    parts[part] = (parts[part] ?? 0) + nowMs() - startMs;
  }
}

/** Makes the methods of an object count for a part. */
function watch(object, part, ...names) {
  for (const name of names) {
    const original = object[name];
    if (typeof original === "function")
      object[name] = function watched(...args) {
        return timed(part, () => original.apply(this, args));
      };
  }
}

const startMs = nowMs();
const require = createRequire(import.meta.url);
const crypto = timed("crypto", () => require("node:crypto"));
// The modules of Node that the handler imports are loaded before it. Those that it loads later count when it does.
const imported = readFileSync(new URL(entry), "utf8").matchAll(/(?:from|import) ?"(?:node:)?([a-z_/]+)"/g);
for (const [, name] of imported) if (isBuiltin(name)) timed("modules", () => require(`node:${name}`));
watch(process, "modules", "getBuiltinModule");
watch(require("node:fs"), "files", "readFileSync", "existsSync");
watch(crypto, "verify", "verify", "createPublicKey");
watch(crypto, "digest", "hash");
watch(crypto.Hash.prototype, "digest", "update", "digest");
watch(JSON, "json", "parse");
syncBuiltinESMExports();

let evaluations = 0;
WebAssembly.Module = class extends WebAssembly.Module {
  constructor(...args) {
    const startMs = nowMs();
    super(...args);
    parts.compile = (parts.compile ?? 0) + nowMs() - startMs;
  }
};
WebAssembly.Instance = class extends WebAssembly.Instance {
  constructor(...args) {
    const startMs = nowMs();
    super(...args);
    parts.instance = (parts.instance ?? 0) + nowMs() - startMs;
    const exports = { ...super.exports };
    watch(exports, "data", "opa_json_parse", "opa_value_parse");
    const { opa_eval: evaluate } = exports;
    if (evaluate !== undefined)
      exports.opa_eval = (...given) => {
        evaluations += 1;
        return timed(evaluations === 1 ? "trial" : "decision", () => evaluate(...given));
      };
    Object.defineProperty(this, "exports", { value: exports });
  }
};

const { handler } = await import(entry);
const loadedMs = nowMs();
const answer = await handler(event);
const answeredMs = nowMs();
const told = Object.values(parts).reduce((sum, ms) => sum + ms, 0);
process.stderr.write(
  `${JSON.stringify({ ...parts, rest: answeredMs - startMs - told, loaded: loadedMs - startMs, answered: answeredMs - startMs, answer })}\n`,
);

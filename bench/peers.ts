import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";

/** The folder with the peers' own `package.json`: they are not dependencies of the product. */
export const PEERS_FOLDER = import.meta.dirname;

/** The packages that are measured, and whose `node_modules` they are in. */
export const PEERS = [
  { name: "@cedar-policy/cedar-wasm", folder: "bench" },
  { name: "casbin", folder: "bench" },
  { name: "aws-jwt-verify", folder: "." },
  { name: "jose", folder: "." },
] as const;

/** Installs the peers as their lock file says, if they are missing. */
export function installPeers(): void {
  const missing = PEERS.filter(
    ({ name, folder }) => folder === "bench" && !existsSync(join(PEERS_FOLDER, "node_modules", name)),
  );
  if (missing.length === 0) return;
  console.log(`installing ${missing.map(({ name }) => name).join(" and ")} into bench/node_modules`);
  execFileSync("npm", ["ci", "--ignore-scripts", "--no-audit", "--no-fund"], { cwd: PEERS_FOLDER, stdio: "inherit" });
}

/** Loads a peer that is a CommonJS module. Its types are written by hand where it is used. */
export const requirePeer: NodeJS.Require = createRequire(join(PEERS_FOLDER, "package.json"));

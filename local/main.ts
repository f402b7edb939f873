import { once } from "node:events";
import type { Server } from "node:http";
import type { Manifest } from "../authorizer/policy/manifest.ts";
import { build } from "../build/build.ts";
import { toCacheContractVariable } from "../build/cache/settings.ts";
import { findOpa } from "../build/opa.ts";
import { createOpa } from "../build/opa-run.ts";
import { toApi, toCachedApi } from "./api.ts";
import { createGateway } from "./gateway.ts";
import { CLIENT_ID, createIssuer, USER_POOL_ID } from "./issuer.ts";
import { type Lambda, startLambda } from "./lambda.ts";
import { parseOptions, USAGE } from "./options.ts";
import { formatDecision, formatUnasked, formatWelcome } from "./screen.ts";
import { createSimulator, type Simulator } from "./simulator.ts";
import { createProxy, sampleApi } from "./upstream.ts";
import { watchPolicies } from "./watch-policies.ts";

const HANDLER = "dist/authorizer/index.mjs";

if (process.argv.includes("--help")) {
  console.log(USAGE);
  process.exit(0);
}
const options = parseOptions(process.argv.slice(2), process.env);
if (!options.ok) quit([...options.error, USAGE]);
const { kind, port, consolePort, sourceIp, upstream, cacheTtlS, api, asJson } = options.value;
const opaPath = await findOpa();
if (!opaPath.ok) quit([opaPath.error]);
const opa = createOpa(opaPath.value, process.cwd());

// Before the first build, so that no edit is missed.
const started = Promise.withResolvers<void>();
const watching = await watchPolicies("policies", () => started.promise.then(rebuild));
const built = await build(opa, process.cwd(), undefined, api);
if (!built.ok) quit(built.error);
let { revision } = built.value.manifest;

const { server: issuer, nameOf } = await createIssuer();
const issuerUrl = await listen(issuer, consolePort, "CONSOLE_PORT");
const environment = {
  TRUSTED_ISSUERS: JSON.stringify([
    {
      userPoolId: USER_POOL_ID,
      clientIds: [CLIENT_ID],
      tokenUse: "any",
      jwksUri: `${issuerUrl}/${USER_POOL_ID}/.well-known/jwks.json`,
    },
  ]),
};
/** Requests that are under way, as they came. */
const asked = new Map<string, { readonly method: string; readonly url: string }>();
let deployed = await deploy(built.value.manifest);

const gateway = createGateway({
  simulator: () => deployed.simulator,
  upstream: upstream === undefined ? sampleApi : createProxy(upstream),
  sourceIp,
  onRequest: (id, method, url) => asked.set(id, { method, url }),
  onUnasked: (id, outcome) => {
    const request = asked.get(id);
    if (request !== undefined) console.log(formatUnasked(request, outcome, Date.now()));
    asked.delete(id);
  },
});
const gatewayUrl = await listen(gateway, port, "PORT");
process.once("SIGINT", stop).once("SIGTERM", stop);
console.log(formatWelcome(kind, gatewayUrl, issuerUrl, revision));
started.resolve();

/** The handler as it was last built, behind an API that has kept no answer yet. */
async function deploy({
  cache_contract: contract,
}: Manifest): Promise<{ readonly lambda: Lambda; readonly simulator: Simulator }> {
  const lambda = await startLambda({
    handler: HANDLER,
    environment: {
      ...environment,
      CACHE_CONTRACT: toCacheContractVariable(contract, cacheTtlS === undefined ? [] : [kind]),
    },
    onDecision: (entry) => {
      console.log(asJson ? JSON.stringify(entry) : formatDecision(entry, nameOf, asked.get(entry.decision_id)));
      asked.delete(entry.decision_id);
    },
  });
  const simulated = cacheTtlS === undefined ? toApi(kind) : toCachedApi(kind, contract, cacheTtlS);
  return { lambda, simulator: createSimulator(simulated, lambda.invoke) };
}

async function rebuild(): Promise<void> {
  const startMs = Date.now();
  try {
    const rebuilt = await build(opa, process.cwd(), undefined, api);
    if (!rebuilt.ok) return keep(rebuilt.error);
    const former = deployed;
    deployed = await deploy(rebuilt.value.manifest);
    ({ revision } = rebuilt.value.manifest);
    const caches = cacheTtlS === undefined ? "" : ", caches emptied";
    console.log(`policy rebuilt in ${Date.now() - startMs} ms, revision ${revision.slice(0, 12)}${caches}`);
    await former.lambda.close();
  } catch (error) {
    // A file can vanish while it is read, when an editor replaces it.
    keep([String(error)]);
  }
}

function keep(problems: readonly string[]): void {
  for (const line of problems) console.error(line);
  console.error(`still serving revision ${revision.slice(0, 12)}`);
}

async function listen(server: Server, wanted: number, variable: string): Promise<string> {
  server.listen(wanted, "127.0.0.1");
  const failed = once(server, "error").then(([error]) => error as NodeJS.ErrnoException);
  const error = await Promise.race([once(server, "listening").then(() => undefined), failed]);
  if (error !== undefined) {
    quit([error.code === "EADDRINUSE" ? `port ${wanted} is taken; set ${variable} to another` : error.message]);
  }
  const address = server.address();
  return `http://127.0.0.1:${typeof address === "object" ? address?.port : wanted}`;
}

async function stop(): Promise<void> {
  for (const server of [gateway, issuer]) server.close().closeAllConnections();
  await watching.close();
  await deployed.lambda.close();
  process.exit(0);
}

function quit(lines: readonly string[]): never {
  for (const line of lines) console.error(line);
  process.exit(1);
}

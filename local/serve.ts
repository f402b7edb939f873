import { once } from "node:events";
import type { Server } from "node:http";
import { join } from "node:path";
import { toCacheContractVariable } from "../analysis/cache/settings.ts";
import { type Built, build } from "../build/package/build.ts";
import type { Manifest } from "../contract/manifest.ts";
import { err, ok, type Result } from "../contract/result.ts";
import { formatTrustedIssuers } from "../contract/trusted-issuers.ts";
import { type ApiOptions, readDerive } from "../openapi/api-options.ts";
import { createSimulator, type Simulator } from "../simulator/simulator.ts";
import { type LocalKind, toApi, toCachedApi } from "./api.ts";
import { createGateway } from "./gateway.ts";
import { CLIENT_ID, createIssuer, USER_POOL_ID } from "./issuer.ts";
import { type Lambda, startLambda } from "./lambda.ts";
import { formatDecision, formatNotInvoked, formatWelcome } from "./screen.ts";
import { createProxy, sampleApi } from "./upstream.ts";
import { watchPolicies } from "./watch-policies.ts";

/** The options of the local server. */
export interface ServeOptions {
  /** The executable of OPA. */
  readonly opaPath: string;
  /** The company's folder, which has `access/`. */
  readonly policies: string;
  /** The folder for the package that is built. */
  readonly dist: string;
  readonly kind: LocalKind;
  readonly upstream: URL | undefined;
  /** The source address of all requests; the client's own if not set. */
  readonly sourceIp: string | undefined;
  readonly port: number;
  readonly consolePort: number;
  /** How long responses are cached; if undefined, they are not cached. */
  readonly cacheTtlS: number | undefined;
  /** The API that the policies are built for. */
  readonly api: ApiOptions;
  /** Whether decisions are printed as lines of the decision log. */
  readonly asJson: boolean;
}

/** The outputs for the user. */
export interface Screen {
  readonly print: (text: string) => void;
  readonly warn: (line: string) => void;
}

/** Why nothing is served. */
export interface NotServing {
  readonly lines: readonly string[];
  /** The policy does not build; otherwise something on this machine is in the way. */
  readonly isOfPolicy: boolean;
}

/** The running servers. */
export interface Serving {
  /** The text that says where the servers are and how to end them. */
  readonly welcome: string;
  readonly close: () => Promise<void>;
}

/**
 * Builds the policies and serves them with an issuer that emulates Cognito, a gateway that emulates API Gateway, and the
 * built handler. After each edit it builds the policies again; if that succeeds, the new handler replaces the old one.
 *
 * @returns When the servers accept requests: a way to close them. Otherwise a line for every error.
 */
export async function serve(options: ServeOptions, { print, warn }: Screen): Promise<Result<Serving, NotServing>> {
  const { opaPath, policies, dist, kind, port, consolePort, sourceIp, upstream, cacheTtlS, api, asJson } = options;
  const buildNow = async (): Promise<Result<Built, readonly string[]>> => {
    const derive = await readDerive(api);
    return derive.ok ? build({ opaPath, policies, dist, derive: derive.value }) : derive;
  };

  // Watching starts before the first build, so that no edit is missed.
  let start = (): void => undefined;
  const started = new Promise<void>((resolve) => {
    start = resolve;
  });
  const watching = await watchPolicies(policies, () => started.then(rebuild));
  const built = await buildNow();
  if (!built.ok) return quit(built.error, true);
  let { revision } = built.value.manifest;

  const { server: issuer, nameOf } = await createIssuer();
  const issuerUrl = await listen(issuer, consolePort, "CONSOLE_PORT");
  if (!issuerUrl.ok) return quit([issuerUrl.error]);
  const environment = {
    TRUSTED_ISSUERS: formatTrustedIssuers([
      {
        userPoolId: USER_POOL_ID,
        clientIds: [CLIENT_ID],
        tokenUse: "any",
        jwksUri: `${issuerUrl.value}/${USER_POOL_ID}/.well-known/jwks.json`,
      },
    ]),
  };
  /** The requests that are not answered yet, as received, by id. */
  const received = new Map<string, { readonly method: string; readonly url: string }>();
  let deployed = await deploy(built.value.manifest);

  const gateway = createGateway({
    simulator: () => deployed.simulator,
    upstream: upstream === undefined ? sampleApi : createProxy(upstream),
    sourceIp,
    onRequest: (id, method, url) => received.set(id, { method, url }),
    onNotInvoked: (id, outcome) => {
      const request = received.get(id);
      if (request !== undefined) print(formatNotInvoked(request, outcome, Date.now()));
      received.delete(id);
    },
  });
  const gatewayUrl = await listen(gateway, port, "PORT");
  if (!gatewayUrl.ok) {
    await deployed.lambda.close();
    issuer.close();
    return quit([gatewayUrl.error]);
  }
  start();
  return ok({
    welcome: formatWelcome({ kind, gateway: gatewayUrl.value, issuer: issuerUrl.value, revision, policies }),
    async close() {
      for (const server of [gateway, issuer]) server.close().closeAllConnections();
      await watching.close();
      await deployed.lambda.close();
    },
  });

  /** Starts the handler that was built last, behind an API with empty caches. */
  async function deploy({
    cache_contract: contract,
  }: Manifest): Promise<{ readonly lambda: Lambda; readonly simulator: Simulator }> {
    const lambda = await startLambda({
      handler: join(dist, "authorizer", "index.mjs"),
      environment: {
        ...environment,
        CACHE_CONTRACT: toCacheContractVariable(contract, cacheTtlS === undefined ? [] : [kind], undefined),
      },
      onDecision: (entry) => {
        print(asJson ? JSON.stringify(entry) : formatDecision(entry, nameOf, received.get(entry.decision_id)));
        received.delete(entry.decision_id);
      },
    });
    const simulated = cacheTtlS === undefined ? toApi(kind) : toCachedApi(kind, contract, cacheTtlS);
    return { lambda, simulator: createSimulator(simulated, lambda.invoke) };
  }

  async function rebuild(): Promise<void> {
    const startMs = Date.now();
    try {
      const rebuilt = await buildNow();
      if (!rebuilt.ok) return keepServing(rebuilt.error);
      const former = deployed;
      deployed = await deploy(rebuilt.value.manifest);
      ({ revision } = rebuilt.value.manifest);
      const caches = cacheTtlS === undefined ? "" : ", caches emptied";
      print(`policy rebuilt in ${Date.now() - startMs} ms, revision ${revision.slice(0, 12)}${caches}`);
      await former.lambda.close();
    } catch (error) {
      // An editor may replace a file while the build reads it.
      keepServing([String(error)]);
    }
  }

  function keepServing(problems: readonly string[]): void {
    for (const line of problems) warn(line);
    warn(`still serving revision ${revision.slice(0, 12)}`);
  }

  async function quit(lines: readonly string[], isOfPolicy = false): Promise<Result<never, NotServing>> {
    await watching.close();
    return err({ lines, isOfPolicy });
  }
}

async function listen(server: Server, wanted: number, variable: string): Promise<Result<string, string>> {
  server.listen(wanted, "127.0.0.1");
  const failed = once(server, "error").then(([error]) => error as NodeJS.ErrnoException);
  const error = await Promise.race([once(server, "listening").then(() => undefined), failed]);
  if (error?.code === "EADDRINUSE") return err(`port ${wanted} is taken; set ${variable} to another`);
  if (error !== undefined) return err(error.message);
  const address = server.address();
  return ok(`http://127.0.0.1:${typeof address === "object" ? address?.port : wanted}`);
}

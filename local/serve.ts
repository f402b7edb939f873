import { once } from "node:events";
import type { Server } from "node:http";
import { tmpdir } from "node:os";
import { createStaging } from "../build/staging.ts";
import { err, ok, type Result } from "../contract/result.ts";
import type { TokenSource } from "../contract/token-source.ts";
import type { ApiOptions } from "../openapi/api-options.ts";
import type { LocalKind } from "./api.ts";
import { deploy } from "./deployment.ts";
import { createGateway } from "./gateway.ts";
import { createIssuer, JWKS_PATH } from "./issuer.ts";
import { toPorts } from "./local-apis.ts";
import { createLocalBuild, type LocalBuild, type NotBuilt } from "./local-build.ts";
import { describePreflights, toPageOrigins } from "./open-parts.ts";
import { readUsers } from "./read-users.ts";
import { createReloader, type Reloader, type Screen } from "./reload.ts";
import { formatDecision, formatNotInvoked, formatWelcome, type GatewayOnScreen } from "./screen.ts";
import { createTokenSigner, toSubject } from "./tokens.ts";
import { createProxy, createSampleApi } from "./upstream.ts";
import { type Accounts, CLIENT_ID } from "./users.ts";
import { watchFiles } from "./watch-files.ts";
import { findWelcomeExample } from "./welcome-example.ts";

/** The options of the local server. */
export interface ServeOptions {
  /** The executable of OPA. */
  readonly opaPath: string;
  /** The company's folder, which has `access/`. */
  readonly policies: string;
  readonly kind: LocalKind;
  readonly upstream: URL | undefined;
  /** The source address of all requests; the client's own if not set. */
  readonly sourceIp: string | undefined;
  /** The port of the first API. Each further one has the next port that the issuer does not have. */
  readonly port: number;
  readonly consolePort: number;
  /** How long responses are cached; if undefined, they are not cached. */
  readonly cacheTtlS: number | undefined;
  /** The places of the token in a request, of which exactly one has it. */
  readonly tokenSources: readonly TokenSource[];
  /** The APIs that the policies are built for. */
  readonly api: ApiOptions;
  /** The name of the API, if no document names it. */
  readonly apiName: string | undefined;
  /** The origin whose preflights are answered on every path. */
  readonly corsOrigin: string | undefined;
  /** The authorizer's variables for the claims that responses pass on. */
  readonly passedOn: Readonly<Record<string, string>>;
  /** Whether decisions are printed as lines of the decision log. */
  readonly asJson: boolean;
}

/** The running servers. */
export interface Serving {
  /** The text that says where the servers are and how to end them. */
  readonly welcome: string;
  readonly close: () => Promise<void>;
}

/**
 * Builds the policies and serves them with an issuer that emulates Cognito, a gateway that emulates API Gateway, and the
 * built handler. After each edit of the policies, the users or the API's document it reads them again; if that succeeds, they
 * replace the former ones.
 *
 * @returns When the servers accept requests: a way to close them. Otherwise a line for every error.
 */
export async function serve(options: ServeOptions, screen: Screen): Promise<Result<Serving, NotBuilt>> {
  const closers: Closers = [];
  const close = async () => {
    for (const closeOne of [...closers].reverse()) await closeOne();
  };
  try {
    const welcome = await start(options, screen, closers);
    if (welcome.ok) return ok({ welcome: welcome.value, close });
    await close();
    return welcome;
  } catch (error) {
    await close();
    throw error;
  }
}

/** The functions that close what was started, in the order of the starts. */
type Closers = (() => Promise<unknown>)[];

/** Starts everything, and gives the message at the start. */
async function start(options: ServeOptions, screen: Screen, closers: Closers): Promise<Result<string, NotBuilt>> {
  const {
    policies,
    kind,
    port,
    consolePort,
    sourceIp,
    upstream,
    cacheTtlS,
    tokenSources,
    api,
    corsOrigin,
    passedOn,
    asJson,
  } = options;
  const documents = (api.documents ?? []).map(({ file }) => file);
  const staging = await createStaging(tmpdir(), "rego-authorizer-start");
  closers.push(async () => staging[Symbol.asyncDispose]());
  const buildNext = createLocalBuild(options, staging.path);

  let reloader: Reloader | undefined;
  closers.push(async () => reloader?.served().deployment.lambda.close());
  // Watching starts before the first build, so that no edit is missed; what changes meanwhile waits for the end of the start.
  let release: () => void = () => undefined;
  const released = new Promise<void>((resolve) => {
    release = resolve;
  });
  const watching = await watchFiles(policies, documents, async (paths) => {
    await released;
    await reloader?.update(paths);
  });
  closers.push(async () => {
    release();
    await watching.close();
  });

  const built = await buildNext();
  if (!built.ok) return built;
  const accounts = await readUsers(policies, built.value.index);
  if (!accounts.ok) return err({ lines: accounts.error, isOfPolicy: true });

  const signer = await createTokenSigner(() => (reloader?.served().built ?? built.value).manifest.issuers.named);
  const issuer = createIssuer(signer, () => reloader?.served().accounts ?? accounts.value);
  const issuerUrl = await listen(issuer, consolePort, "CONSOLE_PORT");
  if (!issuerUrl.ok) return err({ lines: [issuerUrl.error], isOfPolicy: false });
  closers.push(async () => issuer.close().closeAllConnections());

  /** The requests that are not answered yet, as received, by id. */
  const received = new Map<string, { readonly method: string; readonly url: string }>();
  const toDeployment = ({ dist, manifest, apis }: LocalBuild, { machines }: Accounts) => ({
    ...{ dist, contract: manifest.cache_contract, apis, kind, cacheTtlS, tokenSources, corsOrigin, passedOn },
    jwksUri: `${issuerUrl.value}${JWKS_PATH}`,
    issuerNames: manifest.issuers.named,
    clientIds: [CLIENT_ID, ...machines.map(({ name }) => name)],
  });
  /** Begins a line with the name of its API, if there are several. */
  const withApi = (name: string | undefined, line: string) =>
    built.value.apis.length > 1 && name !== undefined ? `${name.padEnd(9)} ${line}` : line;
  const deployBuilt = (next: LocalBuild, known: Accounts) =>
    deploy({
      ...toDeployment(next, known),
      onDecision: (entry) => {
        const nameOf = (id: string) =>
          reloader?.served().accounts.users.find(({ name }) => toSubject(name) === id)?.name;
        const line = formatDecision(entry, nameOf, received.get(entry.decision_id));
        screen.print(asJson ? JSON.stringify(entry) : withApi(entry.labels.api, line));
        received.delete(entry.decision_id);
      },
    });
  const deployment = await deployBuilt(built.value, accounts.value);
  reloader = createReloader(
    { built: built.value, accounts: accounts.value, deployment },
    {
      policies,
      isCaching: cacheTtlS !== undefined,
      buildNext,
      deploy: deployBuilt,
      screen,
    },
  );
  const { served } = reloader;
  const { manifest, index, apis } = built.value;
  const ports = toPorts(port, consolePort, apis.length);
  const gateways: GatewayOnScreen[] = [];
  for (const [name, first] of deployment.simulators) {
    const { openParts, publicRoutes = [] } = apis.find((one) => one.name === name) ?? {};
    const readOrigins = () => {
      const current = served().built.apis.find((one) => one.name === name);
      return toPageOrigins(kind, current?.openParts, corsOrigin);
    };
    const gateway = createGateway({
      // Every build has the same APIs, which the documents are named for.
      simulator: () => served().deployment.simulators.get(name) ?? first,
      upstream: upstream === undefined ? createSampleApi(readOrigins) : createProxy(upstream),
      sourceIp,
      onRequest: (id, method, url) => received.set(id, { method, url }),
      onNotInvoked: (id, outcome) => {
        const request = received.get(id);
        if (request !== undefined) screen.print(withApi(name, formatNotInvoked(request, outcome, Date.now())));
        received.delete(id);
      },
    });
    const url = await listen(gateway, ports[gateways.length] ?? 0, "PORT");
    if (!url.ok) return err({ lines: [url.error], isOfPolicy: false });
    closers.push(async () => gateway.close().closeAllConnections());
    gateways.push({ name, url: url.value, publicRoutes, preflights: describePreflights(kind, openParts, corsOrigin) });
  }

  const example = await findWelcomeExample({
    deployment: toDeployment(built.value, accounts.value),
    ...{ manifest, index, accounts: accounts.value, signer, sourceIp },
  });
  const welcome = formatWelcome({
    ...{ kind, gateways, issuer: issuerUrl.value, revision: manifest.revision, policies },
    ...{ accounts: accounts.value, example, tokenSources },
  });
  release();
  return ok(welcome);
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

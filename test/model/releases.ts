import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { App, Duration, Stack } from "aws-cdk-lib";
import { MockIntegration, RestApi } from "aws-cdk-lib/aws-apigateway";
import { CfnRoute, HttpApi } from "aws-cdk-lib/aws-apigatewayv2";
import { readDist } from "../../build/package/dist.ts";
import type { PolicyIndex } from "../../contract/policy-index.ts";
import type { Route } from "../../contract/route.ts";
import { PolicyAuthorizer } from "../../infra/constructs/policy-authorizer.ts";
import type { PolicyAuthorizerProps } from "../../infra/constructs/policy-authorizer-props.ts";
import { type Builder, createBuilder } from "../support/cache-world.ts";
import type { Policy } from "../support/oracle.ts";
import { CLIENT_ID, type TestIssuer } from "../support/tokens.ts";
import type { Template } from "./template.ts";

/** The routes of both APIs. */
const ROUTES: readonly Route[] = [
  { verb: "GET", path: "/items/{p1}" },
  { verb: "PUT", path: "/items/{p1}" },
  { verb: "GET", path: "/a" },
  { verb: "GET", path: "/b" },
  { verb: "ANY", path: "/c/{p1+}" },
];

/** The settings of a release besides its policy. */
export interface ReleaseSettings {
  /** 2: the APIs have a stack of their own. Default: 1. */
  readonly stacks?: 1 | 2;
  /** Whether the APIs have the authorizer already. Default: true. */
  readonly isAttached?: boolean;
  /** Whether the authorizer lets every request through. Default: false. */
  readonly reportOnly?: boolean;
  readonly ttlS?: number;
  readonly cacheScope?: "request" | "token";
  readonly tokenSource?: string;
  readonly httpResponse?: "iam" | "simple";
  /** Whether authorizers whose URI names no alias get responses, too. Default: false. */
  readonly acceptsUnqualified?: boolean;
  readonly contractGeneration?: number;
  /** The audience that tokens must be for; another one stands for settings under which the tokens of the test are refused. */
  readonly audience?: string;
}

/** A policy with its settings, synthesized. */
export interface Release {
  readonly name: string;
  /** The stack with the function, and perhaps the APIs. */
  readonly main: Template;
  /** The stack with the APIs. */
  readonly apis: Template | undefined;
  /** The folder of the synthesized app. */
  readonly assets: string;
}

/** Builds policies and synthesizes apps with the product's constructs. */
export interface Releases extends AsyncDisposable {
  /** Computes the indexes of policies in one run of OPA, which takes as long as the run for a single one. */
  readonly prepare: (policies: readonly Policy[]) => Promise<void>;
  readonly create: (policy: Policy, settings?: ReleaseSettings) => Promise<Release>;
}

export async function createReleases(issuer: TestIssuer): Promise<Releases> {
  const builder = await createBuilder(issuer);
  const root = await mkdtemp(join(tmpdir(), "rego-authorizer-releases-"));
  const indexes = new Map<string, PolicyIndex>();
  const builds = new Map<string, Promise<string>>();
  const releases = new Map<string, Promise<Release>>();

  async function prepare(policies: readonly Policy[]): Promise<void> {
    const unknown = policies.filter((policy) => !indexes.has(JSON.stringify(policy)));
    if (unknown.length === 0) return;
    const found = await builder.toIndexes(unknown.map((policy) => ({ policy, routes: ROUTES })));
    for (const [at, index] of found.entries()) indexes.set(JSON.stringify(unknown[at]), index);
  }

  function build(policy: Policy, cacheScope: "request" | "token"): Promise<string> {
    const key = JSON.stringify([policy, cacheScope]);
    const distPath = join(root, `dist-${builds.size}`);
    const known =
      builds.get(key) ??
      prepare([policy]).then(() => write(builder, distPath, policy, indexes.get(JSON.stringify(policy)), cacheScope));
    builds.set(key, known);
    return known;
  }

  return {
    prepare,
    create(policy, settings = {}) {
      const key = JSON.stringify([policy, settings]);
      const name = `release ${releases.size}`;
      const known =
        releases.get(key) ??
        build(policy, settings.cacheScope ?? "request").then((distPath) =>
          synthesize(name, distPath, join(root, `out-${name}`), issuer, settings),
        );
      releases.set(key, known);
      return known;
    },
    async [Symbol.asyncDispose]() {
      await rm(root, { recursive: true, force: true });
      await builder[Symbol.asyncDispose]();
    },
  };
}

async function write(
  builder: Builder,
  distPath: string,
  policy: Policy,
  index: PolicyIndex | undefined,
  cacheScope: "request" | "token",
): Promise<string> {
  const given = { policy, routes: ROUTES };
  const setup = { kind: "rest-request", cacheScope, response: "iam", ttlS: 60 } as const;
  const contract = index && (await builder.writePackage(join(distPath, "authorizer"), given, index, setup));
  if (contract === undefined) throw new Error("per-token policy documents are not possible for this policy");
  return distPath;
}

function synthesize(
  name: string,
  distPath: string,
  outdir: string,
  issuer: TestIssuer,
  settings: ReleaseSettings,
): Release {
  const { stacks = 1, isAttached = true, ttlS = 60, tokenSource, httpResponse, audience = CLIENT_ID } = settings;
  const { acceptsUnqualified = false, contractGeneration } = settings;
  const app = new App({ outdir });
  const main = new Stack(app, "Main");
  const apis = stacks === 1 ? main : new Stack(app, "Apis");
  const trustedIssuers: PolicyAuthorizerProps["trustedIssuers"] = [
    {
      issuer: issuer.issuer,
      audience: [audience],
      jwksUri: `${issuer.issuer}/.well-known/jwks.json`,
      groupsClaim: "cognito:groups",
    },
  ];
  const authorizer = new PolicyAuthorizer(main, "Authorizer", {
    distPath,
    trustedIssuers,
    maxTokenLifetime: Duration.days(7),
    ...(tokenSource !== undefined && { tokenSource }),
    ...(httpResponse !== undefined && { httpResponse }),
    ...(contractGeneration !== undefined && { contractGeneration }),
    ...(acceptsUnqualified && { unqualifiedContract: contractIdOf(distPath) }),
  });
  // Earlier deployments are retained, so that a stage can be put back to one.
  const rest = new RestApi(apis, "Rest", { cloudWatchRole: false, retainDeployments: true });
  const http = new HttpApi(apis, "Http");
  for (const { verb, path } of ROUTES) {
    rest.root.resourceForPath(path).addMethod(verb, new MockIntegration());
    new CfnRoute(apis, `${verb} ${path}`, { apiId: http.apiId, routeKey: `${verb} ${path}` });
  }
  if (settings.reportOnly === true) {
    authorizer.attachToRestApi(rest, { reportOnly: true });
    authorizer.attachToHttpApi(http, { reportOnly: true });
  } else if (isAttached) {
    authorizer.attachToRestApi(rest, { ttl: Duration.seconds(ttlS) });
    authorizer.attachToHttpApi(http, httpResponse === "simple" ? {} : { ttl: Duration.seconds(ttlS) });
  }
  const assembly = app.synth();
  return {
    name,
    main: assembly.getStackByName("Main").template,
    apis: stacks === 1 ? undefined : assembly.getStackByName("Apis").template,
    assets: outdir,
  };
}

function contractIdOf(distPath: string): string {
  const dist = readDist(distPath);
  if (!dist.ok) throw new Error(dist.error);
  return dist.value.manifest.cache_contract.id;
}

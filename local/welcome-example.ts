import type { Manifest } from "../contract/manifest.ts";
import type { PolicyIndex } from "../contract/policy-index.ts";
import { toIndexOfApi } from "../contract/rule-apis.ts";
import type { Simulator } from "../simulator/simulator.ts";
import { type DeploymentOptions, deploy } from "./deployment.ts";
import { type Caller, type Example, findExample } from "./example-requests.ts";
import { placeToken } from "./token-place.ts";
import { type TokenSigner, toMachineClaims, toUserClaims } from "./tokens.ts";
import type { Accounts, Machine, User } from "./users.ts";

/** A caller whose token the example gets. */
export type WelcomeCaller = Caller &
  (
    | { readonly kind: "user"; readonly account: User; readonly tokenUse: "id" | "access" }
    | { readonly kind: "machine"; readonly account: Machine }
  );

export interface WelcomeExample extends Example<WelcomeCaller> {
  /** The name of the API that the requests are for. */
  readonly api: string;
}

/** The parts that an example is found with. */
interface ExampleParts {
  readonly deployment: Omit<DeploymentOptions, "onDecision">;
  readonly manifest: Manifest;
  readonly index: PolicyIndex;
  readonly accounts: Accounts;
  readonly signer: TokenSigner;
  /** The source address of all requests; the loopback address if not set. */
  readonly sourceIp: string | undefined;
}

/**
 * Finds requests that a user, or else a machine, is allowed and denied. It sends them to a handler of its own, so that they are neither
 * in the log nor in a cache.
 */
export async function findWelcomeExample(parts: ExampleParts): Promise<WelcomeExample | undefined> {
  const { deployment, manifest, index, accounts, signer, sourceIp = "127.0.0.1" } = parts;
  const { lambda, simulators } = await deploy({ ...deployment, onDecision: () => undefined });
  const tokens = new Map<WelcomeCaller, Promise<string>>();
  const tokenOf = (caller: WelcomeCaller) => {
    const token = tokens.get(caller) ?? sign(caller, signer);
    tokens.set(caller, token);
    return token;
  };
  const find = (callers: readonly WelcomeCaller[], api: string, simulator: Simulator) =>
    findExample(callers, toIndexOfApi(index, api), async (caller, { method, path }) => {
      const placed = placeToken(deployment.kind, deployment.tokenSources, await tokenOf(caller));
      const { status, context, event } = await simulator.send({ method, path, ...placed, sourceIp }, Date.now());
      if (event === undefined) return "other";
      return context !== undefined ? "allowed" : status === 403 ? "denied" : "other";
    });
  const atS = Math.floor(Date.now() / 1000);
  const tokenUse = manifest.user_token_use ?? (needsIdToken(manifest, accounts) ? "id" : "access");
  const { named } = manifest.issuers;
  const users = accounts.users.map((account): WelcomeCaller => {
    return { kind: "user", account, tokenUse, claims: toUserClaims(account, atS, named)[tokenUse] };
  });
  const machines = accounts.machines.map((account): WelcomeCaller => {
    return { kind: "machine", account, claims: toMachineClaims(account, account.scopes, atS, named) };
  });
  try {
    for (const callers of [users, machines]) {
      for (const [api, simulator] of simulators) {
        const example = await find(callers, api, simulator);
        if (example !== undefined) return { ...example, api };
      }
    }
    return undefined;
  } finally {
    await lambda.close();
  }
}

async function sign(caller: WelcomeCaller, signer: TokenSigner): Promise<string> {
  if (caller.kind === "machine") return signer.authorizeMachine(caller.account, caller.account.scopes);
  return (await signer.signIn(caller.account))[caller.tokenUse];
}

/**
 * Tells whether the policy reads a claim that no access token has. The claims of an access token are Cognito's, and those that the file
 * of users adds.
 */
function needsIdToken({ input_references }: Manifest, { users }: Accounts): boolean {
  const ofCognito = toUserClaims({ name: "user", groups: ["group"], claims: {}, accessClaims: {} }, 0, []).access;
  const known = new Set([...Object.keys(ofCognito), ...users.flatMap(({ accessClaims }) => Object.keys(accessClaims))]);
  return input_references.some(
    ([part, field, claim]) => part === "principal" && field === "claims" && claim !== undefined && !known.has(claim),
  );
}

import type { Input } from "../support/oracle.ts";
import { AS_ID_TOKEN, AS_MACHINE, CLIENT_ID, createTestIssuer, type TestIssuer } from "../support/tokens.ts";

/** Tokens for the fuzzer: valid ones with the claims that the oracle needs, and invalid ones. */
export interface Tokens {
  readonly issuer: TestIssuer;
  readonly good: ReadonlyMap<string, NonNullable<Input["principal"]>>;
  readonly bad: readonly string[];
}

const CLAIMS: readonly Readonly<Record<string, unknown>>[] = [
  {},
  { "cognito:groups": ["G1"] },
  { "cognito:groups": ["G2", "G3"] },
  { "cognito:groups": [] },
  { sub: "a", "cognito:groups": ["G1"] },
  { sub: "caf\u00e9", level: "3" },
  { sub: "7", level: 2 },
  { "custom:id": "b", "custom:department": "[Audit, Ops]" },
  { "custom:department": "[x, Audit], y]" },
  { "custom:department": "[R%26D]", level: "x" },
  { "cognito:roles": "arn:aws:iam::1:role/a,arn:aws:iam::1:role/b,c" },
  { auth_time: 1 },
  { auth_time: "soon", "cognito:groups": ["G1"] },
];

export async function createTokens(): Promise<Tokens> {
  const issuer = createTestIssuer();
  const good = new Map<string, NonNullable<Input["principal"]>>();
  const add = async (kind: "user" | "machine", changes: Readonly<Record<string, unknown>>) => {
    const claims = Object.entries({ ...issuer.usualClaims(), ...changes }).filter(([, value]) => value !== undefined);
    good.set(await issuer.sign(changes), { kind, claims: Object.fromEntries(claims) });
  };
  for (const claims of CLAIMS) {
    await add("user", claims);
    await add("user", { ...AS_ID_TOKEN, ...claims });
  }
  for (const scope of ["s/1", "s/2 s/1", "s/1\ts/2"]) await add("machine", { ...AS_MACHINE, scope });

  const most = { "cognito:groups": ["G1", "G2", "G3"] };
  const forger = createTestIssuer();
  const [head = "", payload = "", signature = ""] = (await issuer.sign(most)).split(".");
  const none = Buffer.from(JSON.stringify({ alg: "none", kid: issuer.jwks.keys[0]?.kid })).toString("base64url");
  const bad = [
    await issuer.sign({ ...most, exp: 1 }),
    await issuer.sign({ ...most, exp: undefined }),
    await issuer.sign({ ...most, client_id: "other" }),
    await issuer.sign({ ...most, token_use: "refresh" }),
    await issuer.sign({ ...most, iss: "https://evil.example.com" }),
    await issuer.sign({ ...most, "cognito:groups": "G1" }),
    await issuer.sign({ ...most, sub: "" }),
    await issuer.sign(most, { typ: "logout+jwt" }),
    await forger.sign({ ...most, client_id: CLIENT_ID }),
    `${none}.${payload}.`,
    `${none}.${payload}.${signature}`,
    `${head}.${payload}.${signature}=`,
    `${head}.${payload}`,
    "",
    "x.y.z",
  ];
  return { issuer, good, bad };
}

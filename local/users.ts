/** Claims of a token, by name; values of any JSON type. */
export type Claims = Readonly<Record<string, unknown>>;

/** The part that users and machines have in common. */
interface Account {
  readonly name: string;
  /** The name of the issuer of its tokens; default: the issuer that the policy's roles are tied to, if that is one. */
  readonly issuer?: string;
}

/** A user who signs in with name and password. */
export interface User extends Account {
  /** The claim `cognito:groups` of both tokens. */
  readonly groups: readonly string[];
  /** Claims of the ID token only, as Cognito's attributes are. */
  readonly claims: Claims;
  /** Claims of the access token only, as a pre-token-generation trigger adds them. */
  readonly accessClaims: Claims;
}

/** A machine that gets an access token by client credentials. Its name is the id of its app client. */
export interface Machine extends Account {
  /** The scopes that it may ask for. */
  readonly scopes: readonly string[];
  /** Claims of its access token, as a pre-token-generation trigger adds them. */
  readonly claims: Claims;
}

/** The users and machines that the local issuer knows. */
export interface Accounts {
  readonly users: readonly User[];
  readonly machines: readonly Machine[];
}

/** The name of the file with the users, in the folder of policies. */
export const USERS_FILE = "users.yaml";

/** The password of every user. */
export const PASSWORD = "Passw0rd!";

/** The client secret of every machine. */
export const CLIENT_SECRET = "Secr3t";

/** The id of the app client that users sign in through. */
export const CLIENT_ID = "sampleclient";

/** The claims that the issuer sets itself, so that no file may. */
export const CLAIMS_OF_ISSUER: readonly string[] = [
  ...["aud", "auth_time", "client_id", "cognito:groups", "cognito:username", "event_id", "exp", "iat", "iss", "jti"],
  ...["origin_jti", "scope", "sub", "token_use", "username", "version"],
];

/** Describes what the policy may know a user or a machine by, for people to read. */
export function describeAccount(account: User | Machine): string {
  const groups = "groups" in account ? account.groups : [];
  const scopes = "scopes" in account ? account.scopes : [];
  const claims = { ...account.claims, ...("accessClaims" in account && account.accessClaims) };
  const parts = [
    ...(account.issuer === undefined ? [] : [`issuer ${account.issuer}`]),
    ...(groups.length > 0 ? [`${groups.length === 1 ? "group" : "groups"} ${groups.join(" and ")}`] : []),
    ...(scopes.length > 0 ? [`${scopes.length === 1 ? "scope" : "scopes"} ${scopes.join(" and ")}`] : []),
    ...Object.entries(claims).map(
      ([name, value]) => `${name} ${typeof value === "string" ? value : JSON.stringify(value)}`,
    ),
  ];
  return parts.length > 0 ? parts.join(", ") : "no group";
}

import { isIssuerName } from "../contract/issuer-names.ts";
import { isObject, isTexts } from "../contract/json.ts";
import { formatChoice } from "../contract/nearest.ts";
import { err, ok, type Result } from "../contract/result.ts";
import { parseYaml } from "./parse-yaml.ts";
import { type Accounts, CLAIMS_OF_ISSUER, CLIENT_ID, type Claims, type Machine, type User } from "./users.ts";

/** The place of a value in the file. */
type Path = readonly (string | number)[];

/** Reports an error at a place. */
type Report = (path: Path, message: string) => void;

const SECTIONS = ["users", "machines"] as const;
const USER_KEYS = ["issuer", "groups", "claims", "access_claims"] as const;
const MACHINE_KEYS = ["issuer", "scopes", "claims"] as const;

/** Matches the names of users that Cognito accepts, without the spaces that it refuses too. */
const USER_NAME = /^[\p{L}\p{M}\p{S}\p{N}\p{P}]{1,128}$/u;
/** Matches ids of app clients that need no encoding in HTTP Basic authentication (RFC 6749, section 2.3.1). */
const CLIENT = /^[\w.-]{1,128}$/;
/** Matches a scope (RFC 6749, section 3.3). */
const SCOPE = /^[!#-[\]-~]+$/;

/**
 * Parses the file of users.
 *
 * @param file - The name of the file, for messages.
 * @returns The users and machines; or a line for every error, with its line in the file.
 */
export function parseUsers(text: string, file: string): Result<Accounts, readonly string[]> {
  const yaml = parseYaml(text);
  if (!yaml.ok) return err([`${file}:${yaml.error.line}: is not YAML: ${yaml.error.message}`]);
  const { value, lineOf } = yaml.value;
  const errors: { readonly line: number; readonly message: string }[] = [];
  const report: Report = (path, message) => errors.push({ line: lineOf(path), message });
  const sections = readObject(value ?? {}, [], SECTIONS, report);
  const users = entriesOf(sections["users"], ["users"], report).map(([name, one]) => readUser(name, one, report));
  const machines = entriesOf(sections["machines"], ["machines"], report).map(([name, one]) =>
    readMachine(name, one, report),
  );
  if (errors.length === 0 && users.length + machines.length === 0)
    report([], "names no user and no machine; name one, or remove the file, and users are derived from the policy");
  if (errors.length === 0) return ok({ users, machines });
  return err(
    errors.sort((one, other) => one.line - other.line).map(({ line, message }) => `${file}:${line}: ${message}`),
  );
}

function readUser(name: string, value: unknown, report: Report): User {
  const path = ["users", name];
  if (!USER_NAME.test(name))
    report(
      path,
      `${JSON.stringify(name)} can't be the name of a user; Cognito takes 1 to 128 characters, without spaces`,
    );
  const keys = readObject(value ?? {}, path, USER_KEYS, report);
  return {
    name,
    ...readIssuer(keys["issuer"], [...path, "issuer"], report),
    groups: readTexts(keys["groups"], [...path, "groups"], report),
    claims: readClaims(keys["claims"], [...path, "claims"], report),
    accessClaims: readClaims(keys["access_claims"], [...path, "access_claims"], report),
  };
}

function readMachine(name: string, value: unknown, report: Report): Machine {
  const path = ["machines", name];
  if (!CLIENT.test(name))
    report(path, `${JSON.stringify(name)} can't be the id of a client; use letters, digits, ".", "-" and "_"`);
  else if (name === CLIENT_ID) report(path, `${name} is the client that users sign in through; use another name`);
  const keys = readObject(value ?? {}, path, MACHINE_KEYS, report);
  const texts = readTexts(keys["scopes"], [...path, "scopes"], report);
  for (const [at, scope] of texts.entries()) {
    if (!SCOPE.test(scope))
      report(
        [...path, "scopes", at],
        `${JSON.stringify(scope)} can't be a scope, which has no spaces, like orders/read`,
      );
  }
  const issuer = readIssuer(keys["issuer"], [...path, "issuer"], report);
  return { name, ...issuer, scopes: texts, claims: readClaims(keys["claims"], [...path, "claims"], report) };
}

/** Reads an object with some of the keys, and reports every other. */
function readObject(
  value: unknown,
  path: Path,
  keys: readonly string[],
  report: Report,
): Readonly<Record<string, unknown>> {
  const where = path.length === 0 ? "the file" : path.join(".");
  if (!isObject(value)) {
    report(path, `${where} must have the keys ${keys.join(", ")}`);
    return {};
  }
  for (const key of Object.keys(value).filter((one) => !keys.includes(one))) {
    report([...path, key], `${where} has an unknown key ${JSON.stringify(key)}; ${formatChoice(key, keys)}`);
  }
  return value;
}

function entriesOf(value: unknown, path: Path, report: Report): readonly (readonly [string, unknown])[] {
  if (value === undefined || value === null) return [];
  if (isObject(value)) return Object.entries(value);
  report(path, `${path.join(".")} must have a key for each name`);
  return [];
}

function readTexts(value: unknown, path: Path, report: Report): readonly string[] {
  if (value === undefined) return [];
  if (isTexts(value) && value.every((text) => text !== "")) return value;
  report(path, `${path.join(".")} must be a list of texts, like [one, two]; quote what YAML reads as another type`);
  return [];
}

function readIssuer(value: unknown, path: Path, report: Report): Pick<User, "issuer"> {
  if (isIssuerName(value)) return { issuer: value };
  if (value !== undefined) report(path, `${path.join(".")} must be the name of an issuer, as roles have it in issuers`);
  return {};
}

function readClaims(value: unknown, path: Path, report: Report): Claims {
  if (value === undefined) return {};
  if (!isObject(value)) {
    report(path, `${path.join(".")} must have a key for each claim`);
    return {};
  }
  for (const [name, claim] of Object.entries(value)) {
    if (CLAIMS_OF_ISSUER.includes(name)) report([...path, name], `${path.join(".")}: ${toRemedy(name)}`);
    else if (!isJson(claim))
      report([...path, name], `${path.join(".")}: ${name} is a number that JSON, and so a token, can't hold`);
  }
  return value;
}

function toRemedy(claim: string): string {
  if (claim === "cognito:groups") return "cognito:groups is made from groups; write groups beside claims";
  if (claim === "scope") return "scope is made from the scopes of a machine; write scopes beside claims";
  return `the issuer sets ${claim} itself; remove it`;
}

/** Tells whether JSON can hold a value that was YAML: it has no infinity. */
function isJson(value: unknown): boolean {
  if (typeof value === "number") return Number.isFinite(value);
  if (typeof value !== "object" || value === null) return true;
  return Object.values(value).every(isJson);
}

import { formOf, isMissingOr, type Read } from "./issuer-entries.ts";
import { isIssuerName, NAME_FORM } from "./issuer-names.ts";
import { type IssuerSetting, issuersIn } from "./issuer-settings.ts";
import { isObject, parseJson } from "./json.ts";
import { err, ok, type Result } from "./result.ts";

const EXAMPLE = '[{"userPoolId": "eu-west-1_Abc123", "clientIds": ["…"], "tokenUse": "access"}]';

/** Entries that come from a file, and the name of the file for messages. */
export interface IssuerFile {
  readonly file: string;
  readonly entries: readonly unknown[];
}

/**
 * Parses `TRUSTED_ISSUERS`, a JSON list of Cognito user pools and of other OpenID Connect issuers.
 *
 * @param packed - Further entries. If there are some, the variable may be missing.
 * @returns The settings, or a line for every error. A line repeats no value.
 */
export function parseTrustedIssuers(
  text: string | undefined,
  packed?: IssuerFile,
): Result<readonly IssuerSetting[], readonly string[]> {
  const own = text === undefined && packed !== undefined ? [] : parseJson(text ?? "");
  if (!Array.isArray(own) || (own.length === 0 && packed === undefined))
    return err([`TRUSTED_ISSUERS: must be a JSON list of issuers, like ${EXAMPLE}`]);
  const entries: readonly (readonly [name: string, entry: unknown])[] = [
    ...(packed?.entries ?? []).map((entry, at) => [`${packed?.file}[${at}]`, entry] as const),
    ...own.map((entry: unknown, at) => [`TRUSTED_ISSUERS[${at}]`, entry] as const),
  ];
  const errors: string[] = [];
  const settings: IssuerSetting[] = [];
  const seen = new Set<string>();
  const names = new Set<string>();
  for (const [name, entry] of entries) {
    if (!isObject(entry)) {
      errors.push(`${name}: must be an object, like the one in ${EXAMPLE}`);
      continue;
    }
    const { keys, read: readSetting, findContradictions } = formOf(entry);
    for (const key of Object.keys(entry)) {
      if (!keys.includes(key)) errors.push(`${name}: has an unknown key; the keys are ${keys.join(", ")}`);
    }
    const read: Read = (key, is, must) => {
      const value = entry[key];
      if (is(value)) return value;
      errors.push(`${name}.${key}: must be ${must}`);
      return undefined;
    };
    const issuerName = read("name", isMissingOr(isIssuerName), NAME_FORM);
    if (issuerName !== undefined && names.has(issuerName))
      errors.push(`${name}.name: is the name of an issuer that is further up in the list; each issuer needs its own`);
    if (issuerName !== undefined) names.add(issuerName);
    const setting = readSetting(read);
    errors.push(...findContradictions(entry).map((line) => `${name}${line}`));
    const urls = issuersIn(entry);
    if (urls.some((url) => seen.has(url)))
      errors.push(`${name}: repeats an issuer that is further up in the list; name each issuer once`);
    for (const url of urls) seen.add(url);
    if (setting !== undefined) settings.push({ ...(issuerName !== undefined && { name: issuerName }), ...setting });
  }
  return errors.length === 0 ? ok(settings) : err(errors);
}

/** Formats settings for `TRUSTED_ISSUERS`; the inverse of {@link parseTrustedIssuers}. */
export function formatTrustedIssuers(settings: readonly IssuerSetting[]): string {
  return JSON.stringify(settings);
}

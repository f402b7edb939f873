import type { CachingApi } from "../contract/api-kinds.ts";

/** A part of a request that an access log can show. */
export type Field =
  | ("method" | "path" | "resourcePath" | "routeKey" | "status" | "integrationStatus" | "responseType")
  | ("timeMs" | "time" | "stage" | "domainName" | "basePath" | "requestId" | "apiId" | "sourceIp")
  | ("subject" | "issuer" | "serialNumber" | "validFrom" | "validUntil");

interface Variable {
  /** The variable without `$context.`. */
  readonly name: string;
  /** Other keys under which logs often have it, in lower case. */
  readonly keys?: readonly string[];
  /** The only kind of API that has it; default: both. */
  readonly only?: CachingApi;
  /** Another variable shows the same, so that a format which is made for a replay has no need of it. */
  readonly isSpare?: true;
  /** The field of the policy's input that it shows. Without it, every replay reads the variable. */
  readonly reads?: string;
}

/**
 * The variables that a replay reads.
 *
 * @see API Gateway developer guide: "Variables for access logging for API Gateway", "Customize HTTP API access logs"
 */
const VARIABLES: Readonly<Record<Field, Variable>> = {
  requestId: { name: "requestId", keys: ["request_id"] },
  timeMs: { name: "requestTimeEpoch" },
  time: { name: "requestTime", keys: ["time"], isSpare: true },
  method: { name: "httpMethod", keys: ["method", "http_method"] },
  path: { name: "path" },
  resourcePath: { name: "resourcePath", keys: ["resource_path", "resource"], only: "rest" },
  routeKey: { name: "routeKey", keys: ["route_key", "route"], only: "http" },
  apiId: { name: "apiId", keys: ["api_id"], reads: "request.api_id" },
  stage: { name: "stage" },
  domainName: { name: "domainName", keys: ["domain_name", "domain", "host"] },
  basePath: { name: "customDomain.basePathMatched", keys: ["basepathmatched", "basepath"] },
  status: { name: "status", keys: ["statuscode"] },
  integrationStatus: { name: "integrationStatus", keys: ["integration.status", "integration_status"] },
  responseType: { name: "error.responseType", keys: ["responsetype", "errorresponsetype"] },
  sourceIp: { name: "identity.sourceIp", keys: ["sourceip", "source_ip", "ip"], reads: "request.source_ip" },
  subject: { name: "identity.clientCert.subjectDN", reads: "request.client_certificate.subject" },
  issuer: { name: "identity.clientCert.issuerDN", reads: "request.client_certificate.issuer" },
  serialNumber: { name: "identity.clientCert.serialNumber", reads: "request.client_certificate.serial_number" },
  validFrom: { name: "identity.clientCert.validity.notBefore", reads: "request.client_certificate.valid_from_s" },
  validUntil: { name: "identity.clientCert.validity.notAfter", reads: "request.client_certificate.valid_until_s" },
};

const FIELDS = Object.keys(VARIABLES).filter((name): name is Field => Object.hasOwn(VARIABLES, name));

const BY_KEY: ReadonlyMap<string, Field> = new Map(
  FIELDS.flatMap((field) => {
    const { name, keys = [] } = VARIABLES[field];
    return [name.toLowerCase(), ...keys].map((key) => [key, field] as const);
  }),
);

/** The meaning of a key of a log: a field, or a claim by its name in the token. */
export type Meaning = { readonly field: Field } | { readonly claim: string };

/** The beginnings of the variables, and of common keys, for a claim. */
const OF_CLAIMS = /^(?:authorizer\.)?(?:jwt\.)?claims(?:\.(?<dotted>.+)|\[(?<quote>['"])(?<quoted>.+)\k<quote>\])$/s;

/**
 * Finds the meaning of a variable or of a key of a log, such as `httpMethod` or `authorizer.claims.sub`. What an authorizer
 * of one's own puts into its context, and a key with the name of a claim that the policy reads, is this claim.
 *
 * @param claims - The names of the claims that the policy reads.
 * @returns Undefined if a replay does not need it.
 */
export function toMeaning(text: string, claims: ReadonlySet<string>): Meaning | undefined {
  const name = text.replace(/^\$?context\./, "");
  const { dotted, quoted } = OF_CLAIMS.exec(name)?.groups ?? {};
  const claim = dotted ?? quoted;
  if (claim !== undefined) return { claim };
  const own = name.replace(/^authorizer\.(?:lambda\.)?/, "");
  if (claims.has(own) && (own !== name || !BY_KEY.has(name.toLowerCase()))) return { claim: own };
  const field = BY_KEY.get(name.toLowerCase());
  return field === undefined ? undefined : { field };
}

/**
 * Formats an access-log format for an API's stage, with the variables and claims that a replay of a policy needs. Its keys are
 * the names of the variables.
 *
 * @param reads - The fields that the policy reads, such as `request.source_ip`. What it does not read is not logged.
 * @param claims - The claims of the token.
 */
export function formatAccessLogFormat(kind: CachingApi, reads: ReadonlySet<string>, claims: readonly string[]): string {
  const names = FIELDS.map((field) => VARIABLES[field])
    .filter(
      ({ only = kind, reads: read, isSpare }) => only === kind && !isSpare && (read === undefined || reads.has(read)),
    )
    .map(({ name }) => name);
  const all = [...names, ...claims.map((claim) => `authorizer.claims.${claim}`)];
  return JSON.stringify(Object.fromEntries(all.map((name) => [name, `$context.${name}`])));
}

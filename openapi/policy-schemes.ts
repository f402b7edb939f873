import type { AuthorizerSettings } from "../analysis/cache/settings.ts";
import type { CachingApi } from "../contract/api-kinds.ts";
import type { AttachmentMode } from "../contract/method-selection.ts";
import { holderOf, sourcesOn, type TokenSource } from "../contract/token-source.ts";
import { EXTENSION } from "./extension.ts";

/** How the authorizers of a document are deployed. */
export interface DeployedSchemes {
  readonly api: CachingApi;
  readonly tokenSources: readonly TokenSource[];
  readonly authorizerUri: string;
  /** An HTTP API expects simple responses instead of policy documents. */
  readonly isSimple: boolean;
  /** The mark by which the gate knows the authorizer if its function is not in the files; default: none. */
  readonly mark?: Readonly<Record<string, unknown>>;
}

/** The settings for the authorizer's event and response, by kind of API. */
const PAYLOAD_SETTINGS: Readonly<Record<CachingApi, (isSimple: boolean) => object>> = {
  rest: () => ({}),
  http: (isSimple) => ({ authorizerPayloadFormatVersion: "2.0", enableSimpleResponses: isSimple }),
};

/**
 * The place of the token in the scheme of an authorizer without identity sources, as API Gateway exports one. With the name of a
 * header, API Gateway might ask for that header.
 */
const NO_PLACE = { name: "Unused", from: "header" } as const;

/**
 * Makes the security scheme of an authorizer. A report-only one has no identity sources, since API Gateway would refuse requests without
 * them, and caches nothing.
 *
 * @see API Gateway developer guide, "x-amazon-apigateway-authorizer object"
 */
export function toPolicyScheme(
  mode: AttachmentMode,
  { ttlS, identitySources }: Pick<AuthorizerSettings, "ttlS" | "identitySources">,
  { api, tokenSources, authorizerUri, isSimple, mark }: DeployedSchemes,
): object {
  // OpenAPI knows one place only, which API Gateway does not read for an authorizer of this type.
  const [place = NO_PLACE] = mode === "report" ? [] : sourcesOn(api, tokenSources).map(holderOf);
  return {
    type: "apiKey",
    name: place.name,
    in: place.from,
    "x-amazon-apigateway-authtype": "custom",
    "x-amazon-apigateway-authorizer": {
      type: "request",
      authorizerUri,
      ...(identitySources.length > 0 && { identitySource: identitySources.join(", ") }),
      authorizerResultTtlInSeconds: ttlS,
      ...PAYLOAD_SETTINGS[api](isSimple),
    },
    ...(mark !== undefined && { [EXTENSION]: mark }),
  };
}

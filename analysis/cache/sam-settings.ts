import type { CachingApi } from "../../contract/api-kinds.ts";
import type { DescribedApi } from "./described-apis.ts";

/** What says which events the authorizers of an API get. */
const PAYLOADS: Readonly<Record<CachingApi, object>> = {
  rest: { FunctionPayloadType: "REQUEST" },
  http: { AuthorizerPayloadFormatVersion: "2.0", EnableSimpleResponses: false },
};

/**
 * Makes an authorizer of the `Auth` of an `AWS::Serverless::Api` or `AWS::Serverless::HttpApi`.
 *
 * @param functionArn - The alias that it invokes.
 * @param hasPermission - AWS SAM adds the permission to invoke it. For a REST API it always does.
 */
export function toSamAuthorizer(
  api: CachingApi,
  authorizer: DescribedApi["authorizers"][string],
  functionArn: unknown,
  hasPermission: boolean,
): object {
  const { identity_sources: sources, ttl_s: ttlS } = authorizer;
  return {
    FunctionArn: functionArn,
    ...PAYLOADS[api],
    ...(api === "http" && hasPermission && { EnableFunctionDefaultPermissions: true }),
    Identity: { ...toIdentity(sources), ReauthorizeEvery: ttlS },
  };
}

function toIdentity(sources: readonly string[]): object {
  const named = (prefix: RegExp) =>
    sources.flatMap((source) => (prefix.test(source) ? [source.replace(prefix, "")] : []));
  const identity = {
    Headers: named(/^(method\.|\$)request\.header\./),
    QueryStrings: named(/^(method\.|\$)request\.querystring\./),
    Context: named(/^\$?context\./),
  };
  return Object.fromEntries(Object.entries(identity).filter(([, names]) => names.length > 0));
}

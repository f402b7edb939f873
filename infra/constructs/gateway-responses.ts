import { CfnGatewayResponse, ResponseType } from "aws-cdk-lib/aws-apigateway";
import { Construct } from "constructs";

/** What callers are told who don't get through. */
export interface GatewayResponsesProps {
  readonly api: { readonly restApiId: string };
  /** The origin whose pages may read the answers, such as `https://app.example.com`; `*` is any. */
  readonly allowOrigin: string;
}

/** `DEFAULT_5XX` takes in an authorizer that failed and one that is not set up right. */
const RESPONSES = [
  { type: ResponseType.UNAUTHORIZED, statusCode: "401", message: "Unauthorized" },
  { type: ResponseType.ACCESS_DENIED, statusCode: "403", message: "Forbidden" },
  { type: ResponseType.DEFAULT_5XX, statusCode: undefined, message: "Internal Server Error" },
];

/**
 * Answers of a REST API to who is refused, denied, or met by a fault: nothing of why, and with CORS headers, without
 * which a browser's page sees a network error instead. HTTP APIs have no such thing.
 */
export class GatewayResponses extends Construct {
  constructor(scope: Construct, id: string, { api, allowOrigin }: GatewayResponsesProps) {
    super(scope, id);
    for (const { type, statusCode, message } of RESPONSES) {
      new CfnGatewayResponse(this, type.responseType, {
        restApiId: api.restApiId,
        responseType: type.responseType,
        ...(statusCode !== undefined && { statusCode }),
        responseParameters: {
          "gatewayresponse.header.Access-Control-Allow-Origin": `'${allowOrigin}'`,
          // RFC 6750, section 3.
          ...(statusCode === "401" && { "gatewayresponse.header.WWW-Authenticate": "'Bearer'" }),
        },
        responseTemplates: { "application/json": JSON.stringify({ message }) },
      });
    }
  }
}

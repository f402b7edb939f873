import { CfnGatewayResponse, ResponseType } from "aws-cdk-lib/aws-apigateway";
import { Construct } from "constructs";
import type { RestApiOfApp } from "./apis.ts";
import { addToDeployments } from "./deployments.ts";

/** What callers are told who don't get through. */
export interface GatewayResponsesProps {
  readonly api: RestApiOfApp;
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
    const responses = RESPONSES.map(({ type, statusCode, message }) => {
      const props = {
        restApiId: api.restApiId,
        responseType: type.responseType,
        ...(statusCode !== undefined && { statusCode }),
        responseParameters: {
          "gatewayresponse.header.Access-Control-Allow-Origin": `'${allowOrigin}'`,
          // RFC 6750, section 3.
          ...(statusCode === "401" && { "gatewayresponse.header.WWW-Authenticate": "'Bearer'" }),
        },
        responseTemplates: { "application/json": JSON.stringify({ message }) },
      };
      return { props, resource: new CfnGatewayResponse(this, type.responseType, props) };
    });
    addToDeployments(
      api,
      responses.map(({ props }) => props),
      responses.map(({ resource }) => resource),
    );
  }
}

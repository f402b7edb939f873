import { CfnGatewayResponse, ResponseType } from "aws-cdk-lib/aws-apigateway";
import { Construct } from "constructs";
import type { RestApiOfApp } from "./apis.ts";
import { addToDeployments } from "./deployments.ts";

/** A REST API, and the origin that may read its responses to rejected requests. */
export interface GatewayResponsesProps {
  readonly api: RestApiOfApp;
  /** The origin whose pages may read these responses, such as `https://app.example.com`; `*` allows any. */
  readonly allowOrigin: string;
}

/** `DEFAULT_5XX` includes the responses to a fault of the authorizer and to a wrong configuration of it. */
const RESPONSES = [
  { type: ResponseType.UNAUTHORIZED, statusCode: "401", message: "Unauthorized" },
  { type: ResponseType.ACCESS_DENIED, statusCode: "403", message: "Forbidden" },
  { type: ResponseType.DEFAULT_5XX, statusCode: undefined, message: "Internal Server Error" },
];

/**
 * The responses of a REST API to a refusal, a denial and a fault. They give no reason, and they have CORS headers, without
 * which a page in a browser sees a network error instead. HTTP APIs have no gateway responses.
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

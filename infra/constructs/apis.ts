import type { Deployment } from "aws-cdk-lib/aws-apigateway";
import type { IConstruct } from "constructs";

/** A REST API, made here or imported. The library's own interface refuses its own class where exactOptionalPropertyTypes is on. */
export interface RestApiOfApp extends IConstruct {
  readonly restApiId: string;
  readonly latestDeployment?: Deployment | undefined;
}

/** An HTTP or WebSocket API, made here or imported. */
export interface V2ApiOfApp extends IConstruct {
  readonly apiId: string;
}

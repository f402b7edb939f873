import {
  type IResource,
  LambdaIntegration,
  type Method,
  type MethodOptions,
  PassthroughBehavior,
} from "aws-cdk-lib/aws-apigateway";
import type { IFunction } from "aws-cdk-lib/aws-lambda";
import { toRequestTemplate, toResponseTemplate } from "./identity-template.ts";
import { toSynthesisError } from "./synthesis-error.ts";

/** The input of the function besides the caller. */
export interface MappedIntegrationProps {
  /**
   * Names of path, query or header parameters. The function gets each as a string, which is empty if the request lacks it.
   *
   * @default - none
   */
  readonly parameters?: readonly string[];
}

/** Names that API Gateway accepts for parameters and that need no escaping in a template. */
const PARAMETER = /^[\w.-]+$/;

/**
 * A Lambda integration of a REST API without proxy: the function gets
 * `{"principal", "roles", "grants", "revision", "method", "parameters"}`, roles and grants separated by spaces.
 *
 * Without an authorizer it is closed: the function does not run, and the caller gets 403.
 */
export class MappedIntegration extends LambdaIntegration {
  constructor(handler: IFunction, { parameters = [] }: MappedIntegrationProps = {}) {
    const json = "application/json";
    super(handler, {
      proxy: false,
      requestTemplates: { [json]: toRequestTemplate(parameters) },
      // API Gateway answers a body of another type with 415. Otherwise it would pass the body on unchanged.
      passthroughBehavior: PassthroughBehavior.NEVER,
      integrationResponses: [
        { statusCode: "200", responseTemplates: { [json]: toResponseTemplate() } },
        {
          statusCode: "500",
          selectionPattern: "[\\s\\S]+",
          responseTemplates: { [json]: '{"message":"Internal Server Error"}' },
        },
      ],
    });
    for (const name of parameters) {
      if (!PARAMETER.test(name))
        throw toSynthesisError(
          handler,
          "MappedIntegration",
          `${name} is not a valid name of a parameter; use letters, digits, . _ and -`,
        );
    }
  }

  /** Adds a method with this integration and its responses. */
  addTo(resource: IResource, httpMethod: string, options: MethodOptions = {}): Method {
    const methodResponses = ["200", "403", "500"].map((statusCode) => ({ statusCode }));
    return resource.addMethod(httpMethod, this, { ...options, methodResponses });
  }
}

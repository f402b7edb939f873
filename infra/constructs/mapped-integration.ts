import {
  type IResource,
  LambdaIntegration,
  type Method,
  type MethodOptions,
  PassthroughBehavior,
} from "aws-cdk-lib/aws-apigateway";
import type { IFunction } from "aws-cdk-lib/aws-lambda";
import { toSynthesisError } from "./failure.ts";
import { toRequestTemplate, toResponseTemplate } from "./identity-template.ts";

/** What the function is told besides who calls. */
export interface MappedIntegrationProps {
  /**
   * Names of parameters of path, query or headers. Each is a text, and empty if the request lacks it.
   *
   * @default - none
   */
  readonly parameters?: readonly string[];
}

/** What API Gateway takes as a parameter's name, and what can stand in a template without more ado. */
const PARAMETER = /^[\w.-]+$/;

/**
 * An integration of a REST API that is no proxy: the function is called with
 * `{"principal", "roles", "grants", "revision", "method", "parameters"}`, roles and grants with spaces between.
 *
 * It is closed without an authorizer: the function is not run, and the answer is 403.
 */
export class MappedIntegration extends LambdaIntegration {
  constructor(handler: IFunction, { parameters = [] }: MappedIntegrationProps = {}) {
    const json = "application/json";
    super(handler, {
      proxy: false,
      requestTemplates: { [json]: toRequestTemplate(parameters) },
      // A body of another type is answered with 415, rather than passed on as it is.
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
          `${name} is no name of a parameter; use letters, digits, . _ and -`,
        );
    }
  }

  /** Adds a method with the responses that this integration has. */
  addTo(resource: IResource, httpMethod: string, options: MethodOptions = {}): Method {
    const methodResponses = ["200", "403", "500"].map((statusCode) => ({ statusCode }));
    return resource.addMethod(httpMethod, this, { ...options, methodResponses });
  }
}

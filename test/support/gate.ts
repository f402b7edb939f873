import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Finding } from "../../gate/finding.ts";
import type { GateOptions, GateReport } from "../../gate/judge.ts";
import { judgeFiles } from "../../gate/judge-files.ts";

/** The environment of a policy's function, shortened. */
export const POLICY_ENVIRONMENT = {
  TRUSTED_ISSUERS: "[]",
  CACHE_CONTRACT: JSON.stringify({ id: "sha256:0", rest: ["token", "method", "path"] }),
};

/** Judges files of a folder, which is removed then: values become JSON, texts stay. The first file is judged, or those named. */
export function judgeFolder(
  files: Readonly<Record<string, unknown>>,
  options?: GateOptions,
  named: readonly string[] = Object.keys(files).slice(0, 1),
): GateReport {
  const folder = mkdtempSync(join(tmpdir(), "gate-"));
  try {
    for (const [name, content] of Object.entries(files))
      writeFileSync(
        join(folder, name),
        typeof content === "string" || Buffer.isBuffer(content) ? content : JSON.stringify(content),
      );
    return judgeFiles(named, options, folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Judges one template, as a value or as text. */
export function judgeTemplate(template: unknown, options?: GateOptions): GateReport {
  return judgeFolder({ template }, options);
}

/** Lists the codes of findings with the logical ids that they are about. */
export function toLines(findings: readonly Finding[]): readonly string[] {
  return findings.map(({ code, place }) => `${code} ${place.id}`).sort();
}

const URI = "arn:aws:apigateway:eu-west-1:lambda:path/2015-03-31/functions/";

/** The parts of a template with an HTTP API whose one route has the policy's authorizer. Tests change some of it. */
export function createHttpParts() {
  return {
    Decide: { Type: "AWS::Lambda::Function", Properties: { Environment: { Variables: POLICY_ENVIRONMENT } } },
    Api: { Type: "AWS::ApiGatewayV2::Api", Properties: { Name: "orders-api", ProtocolType: "HTTP" } },
    Authorizer: {
      Type: "AWS::ApiGatewayV2::Authorizer",
      Metadata: {},
      Properties: {
        ApiId: { Ref: "Api" },
        Name: "decide",
        AuthorizerType: "REQUEST",
        AuthorizerUri: { "Fn::Sub": `${URI}\${Decide.Arn}/invocations` } as unknown,
      },
    },
    Route: {
      Type: "AWS::ApiGatewayV2::Route",
      Properties: {
        ApiId: { Ref: "Api" } as unknown,
        RouteKey: "GET /orders",
        Target: "integrations/abc",
        AuthorizationType: "CUSTOM" as unknown,
        AuthorizerId: { Ref: "Authorizer" } as unknown,
      },
    },
    Stage: {
      Type: "AWS::ApiGatewayV2::Stage",
      Properties: { ApiId: { Ref: "Api" }, StageName: "$default", AutoDeploy: true } as Record<string, unknown>,
    },
  };
}

/** Makes the URI of an authorizer from the text that names its function. */
export function toUri(invoked: unknown, qualifier = ""): object {
  return { "Fn::Join": ["", [URI, invoked, `${qualifier}/invocations`]] };
}

/** Judges an HTTP API with a changed route, and gives the codes and ids of the findings. */
export function judgeRoute(
  properties: Readonly<Record<string, unknown>>,
  others: Readonly<Record<string, unknown>> = {},
  options?: GateOptions,
): readonly string[] {
  const parts = createHttpParts();
  const Route = { ...parts.Route, Properties: { ...parts.Route.Properties, ...properties } };
  return toLines(judgeTemplate({ Resources: { ...parts, Route }, ...others }, options).findings);
}

import { App, Stack } from "aws-cdk-lib";
import { AuthorizationType, RestApi } from "aws-cdk-lib/aws-apigateway";
import { Code, Function as LambdaFunction, Runtime } from "aws-cdk-lib/aws-lambda";
import { render } from "velocityjs";
import { describe, expect, it } from "vitest";
import { toRequestTemplate, toResponseTemplate } from "../../infra/constructs/identity-template.ts";
import { MappedIntegration } from "../../infra/constructs/mapped-integration.ts";
import { errorOf, propertiesOf } from "../support/infra.ts";

/** A Java string, as templates have them: its `replaceAll` takes a regular expression. */
class JavaText {
  readonly #text: string;
  constructor(text: string) {
    this.#text = text;
  }
  replaceAll(pattern: string, replacement: string): JavaText {
    return new JavaText(this.#text.replaceAll(new RegExp(pattern, "g"), () => replacement));
  }
  toString(): string {
    return this.#text;
  }
}

/** Escapes like Commons Lang, which API Gateway refers to: both kinds of quotes, the slash, and all characters outside ASCII. */
function escapeJavaScript(value: unknown): JavaText {
  const short: Readonly<Record<string, string>> = { "\b": "\\b", "\f": "\\f", "\n": "\\n", "\r": "\\r", "\t": "\\t" };
  const escaped = String(value ?? "").replaceAll(/[\s\S]/g, (unit) => {
    if (short[unit] !== undefined) return short[unit];
    if (/["'\\/]/.test(unit)) return `\\${unit}`;
    return /[ -~]/.test(unit) ? unit : `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0").toUpperCase()}`;
  });
  return new JavaText(escaped);
}

function rendered(template: string, authorizer: object | undefined, parameters: Readonly<Record<string, string>> = {}) {
  const context = { httpMethod: "GET", responseOverride: { status: 0 }, ...(authorizer && { authorizer }) };
  const text = render(template, {
    context,
    util: { escapeJavaScript },
    input: { params: (name: string) => parameters[name] ?? "", json: () => '{"from":"the function"}' },
  });
  return { text: text.trim(), status: context.responseOverride.status };
}

const CALLER = { principalId: "7d8c", roles: "authenticated support", grants: "orders.read_any", revision: "e150" };

const HOSTILE = {
  "both quotes": `a"b'c`,
  "an end of the object": '", "roles": "admin", "x": "',
  "lines and tabs": "a\nb\r\tc\u2028d",
  "a script's end": "</script>",
  "a reference": "$context.identity.sourceIp ${x} $!y",
  "a directive": "#set($roles = 'admin')\n#if(true) ## comment #* more *#",
  "backslashes, and one before a quote": "a\\b\\'c\\\\",
  "letters of many languages": "é ü 漢字 😀",
  "a control character": "\u0000\u001f",
};

describe("the request template", () => {
  it("tells the function who the caller is", () => {
    expect(JSON.parse(rendered(toRequestTemplate([]), CALLER).text)).toEqual({
      principal: "7d8c",
      roles: "authenticated support",
      grants: "orders.read_any",
      revision: "e150",
      method: "GET",
      parameters: {},
    });
  });

  it("has empty grants with per-token policy documents, which have no grants", () => {
    const { grants: _, ...caller } = CALLER;
    expect(JSON.parse(rendered(toRequestTemplate([]), caller).text)).toMatchObject({ grants: "" });
  });

  it.each(Object.entries(HOSTILE))("passes %s unchanged", (_, value) => {
    const caller = { principalId: value, roles: value, grants: value, revision: value };
    expect(JSON.parse(rendered(toRequestTemplate(["order_id"]), caller, { order_id: value }).text)).toEqual({
      principal: value,
      roles: value,
      grants: value,
      revision: value,
      method: "GET",
      parameters: { order_id: value },
    });
  });

  it.each([
    ["no authorizer", undefined],
    ["an empty context", {}],
    ["no principal", { ...CALLER, principalId: "" }],
    ["no revision", { ...CALLER, revision: undefined }],
  ])("renders text that is not JSON, which Lambda does not accept, with %s", (_, authorizer) => {
    const { text } = rendered(toRequestTemplate(["order_id"]), authorizer, { order_id: "7" });
    expect([text, errorOf(() => JSON.parse(text))]).toEqual([
      "no authorizer was invoked",
      expect.stringContaining("JSON"),
    ]);
  });
});

describe("the response template", () => {
  it("returns the function's result", () => {
    expect(rendered(toResponseTemplate(), CALLER)).toEqual({ text: '{"from":"the function"}', status: 0 });
  });

  it("is 403 and nothing else without a context, whatever the function returned", () => {
    expect(rendered(toResponseTemplate(), undefined)).toEqual({ text: '{"message":"Forbidden"}', status: 403 });
  });
});

describe("the integration", () => {
  function create(parameters: readonly string[] = []) {
    const stack = new Stack(new App(), "Test");
    const handler = new LambdaFunction(stack, "Whoami", {
      code: Code.fromInline("exports.handler = async () => 1"),
      handler: "index.handler",
      runtime: Runtime.NODEJS_24_X,
    });
    const api = new RestApi(stack, "Api", { cloudWatchRole: false });
    const integration = new MappedIntegration(handler, { parameters });
    integration.addTo(api.root.addResource("whoami"), "GET", { authorizationType: AuthorizationType.IAM });
    return stack;
  }

  it("has no proxy, passes on only what a template made, and gives no caller the reason of a fault", () => {
    const [method] = propertiesOf(create(["order_id"]), "AWS::ApiGateway::Method");
    expect(method).toMatchObject({
      Integration: {
        Type: "AWS",
        PassthroughBehavior: "NEVER",
        RequestTemplates: { "application/json": toRequestTemplate(["order_id"]) },
        IntegrationResponses: [
          { StatusCode: "200", ResponseTemplates: { "application/json": toResponseTemplate() } },
          {
            StatusCode: "500",
            SelectionPattern: "[\\s\\S]+",
            ResponseTemplates: { "application/json": '{"message":"Internal Server Error"}' },
          },
        ],
      },
      MethodResponses: [{ StatusCode: "200" }, { StatusCode: "403" }, { StatusCode: "500" }],
    });
  });

  it("can't be synthesised with a parameter that would end its template's text", () => {
    expect(errorOf(() => create(["x') #set"]))).toBe(
      "MappedIntegration at Test/Whoami: x') #set is not a valid name of a parameter; use letters, digits, . _ and -",
    );
  });
});

import { readFileSync } from "node:fs";
import { join } from "node:path";
import {
  CognitoIdentityClient,
  DescribeIdentityPoolCommand,
  GetIdentityPoolRolesCommand,
} from "@aws-sdk/client-cognito-identity";
import { CognitoIdentityProviderClient, GetGroupCommand } from "@aws-sdk/client-cognito-identity-provider";
import { decodeJwt } from "jose";
import { describe, expect, it } from "vitest";
import { createStack } from "./probes/create-stack.ts";
import type { OddPolicy } from "./probes/template.ts";
import { alterClaims } from "./support/alter-claims.ts";
import { askAws, clientOptions } from "./support/aws.ts";
import { type Call, call } from "./support/client.ts";
import { assumeRole, assumeRoleWith, callerOf, credentialsOf, exchange, tagRole } from "./support/identity-pool.ts";
import { readRun } from "./support/run.ts";
import { openWebSocket } from "./support/web-socket.ts";

const run = readRun();
const statusOf = async (asked: Call) => (await call(run, asked)).status;
const oddly = (policy: OddPolicy) => statusOf({ api: "probes", path: "/odd", headers: { authorization: policy } });

/**
 * For each row of the README: the property deploys, where that is in question, and the emulator does not enforce it.
 */
const NOT_ENFORCED: Readonly<Record<string, () => Promise<void>>> = {
  "role choice from the token": async () => {
    const { RoleMappings = {} } = await new CognitoIdentityClient(clientOptions(run)).send(
      new GetIdentityPoolRolesCommand({ IdentityPoolId: run.identityPool.IdentityPoolId }),
    );
    expect(Object.values(RoleMappings).map(({ Type }) => Type)).toEqual(["Token"]);
    const caller = await callerOf(run, await credentialsOf(run, run.identityTokens.admin));
    expect(caller.split("/")[1]).toBe(run.identityPool.RoleArnAuthenticated.split("/").at(-1));
  },
  "the identity pool's classic flow, switched off": async () => {
    const { AllowClassicFlow } = await new CognitoIdentityClient(clientOptions(run)).send(
      new DescribeIdentityPoolCommand({ IdentityPoolId: run.identityPool.IdentityPoolId }),
    );
    expect(AllowClassicFlow).toBe(false);
    const credentials = await assumeRole(run, run.identityPool.RoleArnAdmins, run.identityTokens.nobody);
    expect(credentials).toHaveProperty("sessionToken");
  },
  "`cognito:roles` in tokens": async () => {
    const { Group } = await new CognitoIdentityProviderClient(clientOptions(run)).send(
      new GetGroupCommand({ UserPoolId: run.identityPool.UserPoolId, GroupName: "Admins" }),
    );
    expect(Group?.RoleArn).toBe(run.identityPool.RoleArnAdmins);
    expect(decodeJwt(run.identityTokens.admin)).not.toHaveProperty("cognito:roles");
  },
  "principal tags in resources": async () => {
    const roleArn = run.identityPool.RoleArnCustomers;
    await tagRole(run, roleArn, "customer_id", "42");
    const credentials = await assumeRole(run, roleArn, run.identityTokens.customer);
    expect(await statusOf({ api: "iam", path: "/customers/42/orders", credentials })).toBe(403);
    expect(await statusOf({ api: "iam", path: "/home", credentials })).toBe(200);
  },
  "the signature of an identity pool's token": async () => {
    const { openIdToken } = await exchange(run, run.identityTokens.nobody);
    const forged = alterClaims(openIdToken, { sub: "another" });
    expect(await assumeRoleWith(run, run.identityPool.RoleArnAdmins, forged)).toHaveProperty("sessionToken");
  },
  "mapping templates": async () => {
    const { status, body } = await call(run, { api: "rest", path: "/vtl/whoami", token: run.tokens.admin });
    // The function looks for what the template would have told it.
    expect([status, JSON.parse(body).errorMessage]).toEqual([200, "no authorizer was invoked"]);
  },
  "`Action` of an authorizer's policy": async () => expect(await oddly("action")).toBe(200),
  "`Condition` of an authorizer's policy": async () => expect(await oddly("condition")).toBe(200),
  "`NotResource` of an authorizer's policy": async () => expect(await oddly("not-resource")).toBe(200),
  "encoded slashes, and additional slashes at the ends": async () => {
    const ask = (api: "rest" | "http" | "iam", path: string) => statusOf({ api, path, token: run.tokens.admin });
    expect([
      await ask("rest", "/admin%2fusers"),
      await ask("http", "/admin%2fusers"),
      await ask("http", "/home/"),
    ]).toEqual([200, 200, 200]);
  },
  "401 of a WebSocket API to a bad token": async () => {
    await using connection = await openWebSocket(run, { token: "not.a.token" });
    expect(connection.status).toBe(500);
  },
  // The stack of probes has no such permission.
  "permission for API Gateway to invoke a function": async () => expect(await oddly("plain")).toBe(200),
  "the source address": async () => {
    const headers = { "x-forwarded-for": "203.0.113.7" };
    const ask = (api: "rest" | "http") =>
      statusOf({ api, method: "DELETE", path: "/admin/ledger/3", token: run.tokens.admin, headers });
    expect([await ask("rest"), await ask("http")]).toEqual([200, 403]);
  },
  "the document of an HTTP API": async () => {
    const integration = {
      type: "http_proxy",
      httpMethod: "GET",
      uri: "https://example.com",
      payloadFormatVersion: "1.0",
    };
    const paths = { "/home": { get: { "x-amazon-apigateway-integration": integration } } };
    const Body = { openapi: "3.0.1", info: { title: "Home", version: "1" }, paths };
    const ApiId = { Ref: "Api" };
    const Resources = {
      Api: { Type: "AWS::ApiGatewayV2::Api", Properties: { Body } },
      Stage: { Type: "AWS::ApiGatewayV2::Stage", Properties: { ApiId, StageName: "$default", AutoDeploy: true } },
    };
    const [id = ""] = await createStack(run, "Document", { Resources, Outputs: { Id: { Value: ApiId } } });
    const body = await askAws(run, { service: "apigateway", method: "GET", path: `/v2/apis/${id}/routes` });
    expect(JSON.parse(body).items).toEqual([]);
  },
  "a user pool's identity provider": async () => {
    const Properties = {
      UserPoolId: run.orders.UserPoolId,
      ProviderName: "Company",
      ProviderType: "SAML",
      ProviderDetails: { MetadataURL: "https://idp.example.com/metadata" },
    };
    const template = { Resources: { Provider: { Type: "AWS::Cognito::UserPoolIdentityProvider", Properties } } };
    await expect(createStack(run, "Provider", template)).rejects.toThrow(/UserPoolIdentityProvider/);
  },
};

describe("a property that deploys and is not enforced here", () => {
  it("is listed in the README", () => {
    const text = readFileSync(join(import.meta.dirname, "README.md"), "utf8");
    const rows = text.split("\n").filter((line) => line.startsWith("| "));
    const [, ...names] = rows.map((line) => line.split("|")[1]?.trim()).filter((name) => !/^-+$/.test(name ?? ""));
    expect(names).toEqual(Object.keys(NOT_ENFORCED));
  });

  it.each(Object.entries(NOT_ENFORCED))("%s", (_, isSo) => isSo());
});

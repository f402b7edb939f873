import { readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { App, CfnParameter, Stack } from "aws-cdk-lib";
import { WebSocketApi } from "aws-cdk-lib/aws-apigatewayv2";
import { WebSocketMockIntegration } from "aws-cdk-lib/aws-apigatewayv2-integrations";
import { Vpc } from "aws-cdk-lib/aws-ec2";
import { Key } from "aws-cdk-lib/aws-kms";
import { RetentionDays } from "aws-cdk-lib/aws-logs";
import { AwsSolutionsChecks } from "cdk-nag";
import { exportJWK, generateKeyPair } from "jose";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { PRODUCT_VERSION } from "../../contract/product-version.ts";
import { toRevision } from "../../contract/revision.ts";
import { PolicyAuthorizer } from "../../infra/constructs/policy-authorizer.ts";
import {
  createAuthorizer,
  createDist,
  createUsers,
  errorOf,
  OPENAPI_FILE,
  propertiesOf,
  type TestDist,
} from "../support/infra.ts";
import { ORDERS_POLICIES } from "../support/orders-policies.ts";

let dist: TestDist;
beforeAll(async () => {
  dist = await createDist();
});
afterAll(() => dist[Symbol.asyncDispose]());

const ISSUER = { issuer: "https://login.example.com", audience: ["api"], jwksUri: "https://login.example.com/keys" };

const LAMBDA = "AWS::Lambda::Function";

describe("the authorizer's Lambda", () => {
  it("has the package as built, on Node 24 and arm64, with its memory, time-out and log group", () => {
    const { stack } = createAuthorizer(dist.distPath);
    const [lambda] = propertiesOf(stack, LAMBDA);
    expect(lambda).toMatchObject({
      Handler: "index.handler",
      Runtime: "nodejs24.x",
      Architectures: ["arm64"],
      MemorySize: 512,
      Timeout: 5,
    });
    expect(lambda?.["Environment"]).toEqual({
      Variables: {
        TRUSTED_ISSUERS:
          '[{"issuer":"https://login.example.com","audience":["api"],"jwksUri":"https://login.example.com/keys"}]',
        CACHE_CONTRACT: expect.stringMatching(/^\{"id":"sha256:[0-9a-f]{64}"\}$/),
        TOKEN_SOURCE: "header:Authorization",
        HTTP_RESPONSE: "iam",
      },
    });
  });

  it("trusts an issuer with the algorithms that are listed for it", () => {
    const stack = new Stack(new App(), "Test");
    const trustedIssuers = [{ ...ISSUER, algorithms: ["PS256", "EdDSA"] as const }];
    new PolicyAuthorizer(stack, "Authorizer", { distPath: dist.distPath, trustedIssuers });
    const [lambda] = propertiesOf(stack, "AWS::Lambda::Function");
    const { TRUSTED_ISSUERS } = Object(lambda?.["Environment"]).Variables;
    expect(JSON.parse(TRUSTED_ISSUERS)).toEqual([{ ...ISSUER, algorithms: ["PS256", "EdDSA"] }]);
  });

  it("may write its log only", () => {
    const { stack } = createAuthorizer(dist.distPath);
    const policies = propertiesOf(stack, "AWS::IAM::Policy").map(({ PolicyDocument }) => PolicyDocument);
    expect(policies).toEqual([
      {
        Version: "2012-10-17",
        Statement: [
          {
            Action: ["logs:CreateLogStream", "logs:PutLogEvents"],
            Effect: "Allow",
            Resource: { "Fn::GetAtt": [expect.stringContaining("FunctionLog"), "Arn"] },
          },
        ],
      },
    ]);
    const roles = propertiesOf(stack, "AWS::IAM::Role");
    expect(roles.map((role) => role["ManagedPolicyArns"])).toEqual([undefined]);
  });

  it("retains its log for three months, or for the given time", () => {
    const retentionOf = (props: object) =>
      propertiesOf(createAuthorizer(dist.distPath, props).stack, "AWS::Logs::LogGroup").map(
        (log) => log["RetentionInDays"],
      );
    expect([retentionOf({}), retentionOf({ logRetention: RetentionDays.ONE_WEEK })]).toEqual([[90], [7]]);
  });

  it("trusts user pools for the given clients", () => {
    const stack = new Stack(new App(), "Test");
    const { userPool, client } = createUsers(stack);
    new PolicyAuthorizer(stack, "Authorizer", {
      distPath: dist.distPath,
      trustedIssuers: [{ userPool, clients: [client], tokenUse: "id" }],
    });
    const [lambda] = propertiesOf(stack, LAMBDA);
    const { TRUSTED_ISSUERS } = Object(lambda?.["Environment"]).Variables;
    expect(TRUSTED_ISSUERS).toEqual({
      "Fn::Join": [
        "",
        [
          '[{"userPoolId":"',
          { Ref: expect.stringMatching(/^Users/) },
          '","clientIds":["',
          { Ref: expect.stringMatching(/^UsersClient/) },
          '"],"tokenUse":"id"}]',
        ],
      ],
    });
  });

  it("gets the claims of other issuers, and what proves a user and a machine", () => {
    const stack = new Stack();
    const rules = {
      ...{ groupsClaim: ["realm_access", "roles"], scopesClaim: "scp", claims: { tenant: ["ext", "id"] } },
      users: [{ claim: "kind", value: "person" }],
      machines: [{ claim: "cid", equals: "sub" as const }],
      machineIdClaim: "client_id",
    };
    const unresolved = new CfnParameter(stack, "Tenant").valueAsString;
    const preset = { ...ISSUER, issuer: unresolved, preset: "entra-v2" as const };
    const trustedIssuers = [{ ...ISSUER, ...rules }, preset];
    new PolicyAuthorizer(stack, "Authorizer", { distPath: dist.distPath, trustedIssuers });
    const [lambda] = propertiesOf(stack, LAMBDA);
    const { TRUSTED_ISSUERS } = Object(lambda?.["Environment"]).Variables;
    const text = JSON.stringify(TRUSTED_ISSUERS).replaceAll("\\", "");
    expect(text).toContain(JSON.stringify({ ...ISSUER, ...rules }));
    expect(text).toContain('"preset":"entra-v2"');
  });

  it("is traced and limited, if configured", () => {
    const { stack } = createAuthorizer(dist.distPath, {
      tracing: true,
      reservedConcurrentExecutions: 20,
      memorySize: 1024,
    });
    expect(propertiesOf(stack, LAMBDA)).toMatchObject([
      { TracingConfig: { Mode: "Active" }, ReservedConcurrentExecutions: 20, MemorySize: 1024 },
    ]);
  });

  it("encrypts environment and log with one key, which CloudWatch Logs may use for logs of this account", () => {
    const stack = new Stack(new App(), "Test");
    const encryptionKey = new Key(stack, "Key");
    new PolicyAuthorizer(stack, "Authorizer", { distPath: dist.distPath, trustedIssuers: [ISSUER], encryptionKey });
    const arn = { "Fn::GetAtt": [expect.stringMatching(/^Key/), "Arn"] };
    expect(propertiesOf(stack, LAMBDA)).toMatchObject([{ KmsKeyArn: arn }]);
    expect(propertiesOf(stack, "AWS::Logs::LogGroup")).toMatchObject([{ KmsKeyId: arn }]);
    const [key] = propertiesOf(stack, "AWS::KMS::Key");
    expect(Object(key?.["KeyPolicy"]).Statement[1]).toMatchObject({
      Condition: { ArnLike: { "kms:EncryptionContext:aws:logs:arn": expect.anything() } },
      Principal: { Service: expect.anything() },
    });
  });

  it("runs in a VPC without outbound access, if its key sets are packed", async () => {
    await using packed = await createDist({}, { openApiFile: OPENAPI_FILE }, await writeKeySets(dist.distPath));
    const stack = new Stack(new App(), "Test");
    const vpc = new Vpc(stack, "Vpc", { natGateways: 0 });
    new PolicyAuthorizer(stack, "Authorizer", { distPath: packed.distPath, trustedIssuers: [ISSUER], vpc });
    const [lambda] = propertiesOf(stack, "AWS::Lambda::Function");
    expect(Object(lambda?.["Environment"]).Variables).toMatchObject({ KEYS: "packed" });
    expect(propertiesOf(stack, "AWS::EC2::SecurityGroup").map((group) => group["SecurityGroupEgress"])).toEqual([
      [
        {
          CidrIp: "255.255.255.255/32",
          Description: "Disallow all traffic",
          FromPort: 252,
          IpProtocol: "icmp",
          ToPort: 86,
        },
      ],
    ]);
  });

  it("is behind an alias that moves step by step, if configured, and back on an alarm", () => {
    const { stack, authorizer } = createAuthorizer(dist.distPath, {
      alarms: {},
      release: { provisionedConcurrentExecutions: 3 },
    });
    const route = { integration: new WebSocketMockIntegration("Mock") };
    authorizer.attachToWebSocketApi(new WebSocketApi(stack, "Api", { connectRouteOptions: route }));
    expect(propertiesOf(stack, "AWS::Lambda::Alias")).toMatchObject([
      {
        Name: expect.stringMatching(/^Api-[0-9a-f]{12}$/),
        ProvisionedConcurrencyConfig: { ProvisionedConcurrentExecutions: 3 },
      },
    ]);
    const [group] = propertiesOf(stack, "AWS::CodeDeploy::DeploymentGroup");
    expect(group).toMatchObject({
      DeploymentConfigName: "CodeDeployDefault.LambdaCanary10Percent15Minutes",
      AutoRollbackConfiguration: { Enabled: true },
    });
    expect(Object(group?.["AlarmConfiguration"]).Alarms).toHaveLength(4);
  });
});

describe("cdk-nag", () => {
  it("finds nothing in the authorizer with all its options", async () => {
    await using packed = await createDist({}, { openApiFile: OPENAPI_FILE }, await writeKeySets(dist.distPath));
    const stack = new Stack(new App(), "Test");
    new PolicyAuthorizer(stack, "Authorizer", {
      distPath: packed.distPath,
      trustedIssuers: [ISSUER],
      encryptionKey: new Key(stack, "Key", { enableKeyRotation: true }),
      vpc: Vpc.fromVpcAttributes(stack, "Vpc", {
        vpcId: "vpc-1",
        availabilityZones: ["a"],
        privateSubnetIds: ["subnet-1"],
        privateSubnetRouteTableIds: ["table-1"],
      }),
      tracing: true,
      alarms: {},
      release: { provisionedConcurrentExecutions: 1 },
    });
    const { violations } = new AwsSolutionsChecks(stack).validateScope(stack);
    expect(violations).toEqual([]);
  });
});

describe("the authorizer can't be synthesised", () => {
  const failure = (distPath: string, props: object = {}) => errorOf(() => createAuthorizer(distPath, props));

  it("without a build", () => {
    expect(failure("/nowhere")).toBe(
      "PolicyAuthorizer at Test/Authorizer: there is no build in /nowhere; run rego-authorizer build --openapi FILE, where FILE describes the API",
    );
  });

  it("with files of two builds", async () => {
    await using stale = await createDist();
    await writeFile(join(stale.distPath, "authorizer", "data.json"), "{}");
    expect(failure(stale.distPath)).toContain(
      "is stale: manifest.json is from another build than policy.wasm and data.json",
    );
  });

  it("with an index that has an unknown key", async () => {
    await using newer = await createDist();
    const folder = join(newer.distPath, "authorizer");
    const data = JSON.parse(await readFile(join(folder, "data.json"), "utf8"));
    Object.assign(data.engine.index.compiled.forms[0], { until: 0 });
    await writeFile(join(folder, "data.json"), JSON.stringify(data));
    const revision = toRevision(await readFile(join(folder, "policy.wasm")), await readFile(join(folder, "data.json")));
    const manifest = JSON.parse(await readFile(join(folder, "manifest.json"), "utf8"));
    await writeFile(join(folder, "manifest.json"), JSON.stringify({ ...manifest, revision }));
    expect(failure(newer.distPath)).toMatch(
      /can't be deployed: the policy index has .*\.until, which this version does not know/,
    );
  });

  it("with a build of another version", async () => {
    await using old = await createDist();
    const file = join(old.distPath, "authorizer", "manifest.json");
    const manifest = JSON.parse(await readFile(file, "utf8"));
    await writeFile(file, JSON.stringify({ ...manifest, product_version: "9.9.9" }));
    expect(failure(old.distPath)).toContain(
      `was built by rego-authorizer 9.9.9, and this is ${PRODUCT_VERSION}; npm ls rego-authorizer lists the versions`,
    );
    await writeFile(file, "{}");
    expect(failure(old.distPath)).toContain("was built by rego-authorizer before 0.2.0, and this is");
    await writeFile(file, JSON.stringify({ ...manifest, until: 1 }));
    expect(failure(old.distPath)).toContain(
      "has a manifest that this version does not know; run rego-authorizer build",
    );
  });

  it("with an incomplete build", async () => {
    await using half = await createDist();
    await rm(join(half.distPath, "authorizer", "policy.wasm"));
    expect(failure(half.distPath)).toContain("can't be read; run rego-authorizer build");
  });

  it("without its routes, or with those of another build", async () => {
    await using half = await createDist();
    const file = join(half.distPath, "routes.json");
    const routes = JSON.parse(await readFile(file, "utf8"));
    expect(failure(half.distPath)).toBe("nothing failed");
    await writeFile(file, JSON.stringify({ ...routes, manifest: "sha256:0" }));
    expect(failure(half.distPath)).toContain("is stale: routes.json is from another build than manifest.json");
    await rm(file);
    expect(failure(half.distPath)).toContain("routes.json does not exist; run rego-authorizer build");
  });

  it.each([
    [
      {
        trustedIssuers: [{ ...ISSUER, preset: "entra-v1" as const, users: [{ claim: "uid", present: true as const }] }],
      },
      "TRUSTED_ISSUERS[0]: has preset and users; the preset says this already, so leave one out; " +
        "TRUSTED_ISSUERS[0].issuer: the preset entra-v1 is for issuers like https://sts.windows.net/<tenant>/",
    ],
    [{ trustedIssuers: [] }, "trustedIssuers is empty; name a user pool or an issuer"],
    [
      { trustedIssuers: [{ issuer: "https://x.example", audience: [], jwksUri: "https://x.example/keys" }] },
      "https://x.example has no trusted audience; name one in audience",
    ],
    [
      { trustedIssuers: [{ issuer: "http://x.example", audience: ["api"], jwksUri: "https://x.example/keys" }] },
      "TRUSTED_ISSUERS[0].issuer: must be an https URL, exactly as in the tokens; name a Cognito pool by its userPoolId",
    ],
    [
      { trustedIssuers: [{ ...ISSUER, algorithms: ["RS256", "PS256"] }] },
      expect.stringMatching(
        /TRUSTED_ISSUERS\[0\]\.algorithms: must be a list of RS256, .* one at most of those for RSA keys/,
      ),
    ],
    [
      { tokenSource: "body:token" },
      "tokenSource must be header:<name>, query:<name>, cookie:<name> or subprotocol, like header:Authorization; or several with commas and no spaces between them, of which a request must have exactly one",
    ],
    [
      { tokenSource: "header:Authorization,header:authorization" },
      "tokenSource names the same part of a request twice; name each once",
    ],
  ])("with %j", (props, cause) => {
    expect(failure(dist.distPath, props)).toEqual(
      typeof cause === "string" ? `PolicyAuthorizer at Test/Authorizer: ${cause}` : cause,
    );
  });

  it("if a role is tied to an issuer whose name no trusted issuer has", async () => {
    const admins = '"groups": {"Admins"}';
    const roles = (ORDERS_POLICIES["access/roles.rego"] ?? "").replace(admins, `${admins}, "issuers": {"staff"}`);
    await using tied = await createDist({ "access/roles.rego": roles });
    expect(failure(tied.distPath, { trustedIssuers: [{ ...ISSUER, name: "partner" }] })).toBe(
      "PolicyAuthorizer at Test/Authorizer: the policy ties roles to staff, and no trusted issuer has this name; set name of the issuer that is meant",
    );
    const { stack } = createAuthorizer(tied.distPath, { trustedIssuers: [{ ...ISSUER, name: "staff" }] });
    const [lambda] = propertiesOf(stack, LAMBDA);
    const { TRUSTED_ISSUERS } = Object(lambda?.["Environment"]).Variables;
    expect(JSON.parse(TRUSTED_ISSUERS)).toEqual([{ name: "staff", ...ISSUER }]);
  });

  it("if the build has packed pools on whose attributes the policy decides, until somebody has checked them", async () => {
    await using packed = await createDist();
    const pools = { name: "tenants", userPoolIds: ["eu-west-1_Tenant000"], clientIds: ["c"], tokenUse: "id" };
    await writeFile(join(packed.distPath, "authorizer", "issuers.json"), JSON.stringify([pools]));
    expect(failure(packed.distPath, { trustedIssuers: [] })).toContain(
      "it is not visible at synthesis whether users of the issuers that the build has packed can write them",
    );
    const { stack } = createAuthorizer(packed.distPath, {
      trustedIssuers: [],
      acknowledgeWritableClaimsOfPacked: true,
    });
    const [lambda] = propertiesOf(stack, LAMBDA);
    expect(Object.keys(Object(lambda?.["Environment"]).Variables)).not.toContain("TRUSTED_ISSUERS");
  });

  it("in a VPC without outbound access if no key sets are packed", () => {
    const stack = new Stack(new App(), "Test");
    const vpc = new Vpc(stack, "Vpc");
    const props = { distPath: dist.distPath, trustedIssuers: [ISSUER], vpc };
    expect(errorOf(() => new PolicyAuthorizer(stack, "Authorizer", props))).toBe(
      "PolicyAuthorizer at Test/Authorizer: in a VPC without outbound access the Lambda can't fetch key sets, and dist/ has none; run KEY_SETS=FILE rego-authorizer build",
    );
  });
});

async function writeKeySets(folder: string): Promise<string> {
  const file = join(folder, "keys.json");
  const { publicKey } = await generateKeyPair("RS256");
  const jwk = { ...(await exportJWK(publicKey)), kid: "one", alg: "RS256", use: "sig" };
  await writeFile(file, JSON.stringify({ [ISSUER.issuer]: { keys: [jwk] } }));
  return file;
}

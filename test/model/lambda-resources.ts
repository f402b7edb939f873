import { join } from "node:path";
import type { Cloud, Configuration, FunctionState } from "./cloud.ts";
import { type Properties, type ResourceType, toText } from "./resource-type.ts";

const same = (one: unknown, other: unknown) => JSON.stringify(one) === JSON.stringify(other);

function functionOf(
  { functions }: Cloud,
  name: string,
): { readonly lambda: FunctionState; readonly qualifier: string } {
  const [, own = name, qualifier = ""] = /^(?:arn:.*:function:)?([^:]+)(?::([^:]+))?$/.exec(name) ?? [];
  const lambda = functions.get(own);
  if (lambda === undefined) throw new Error(`there is no function ${own}`);
  return { lambda, qualifier };
}

function toConfiguration(properties: Properties, assets: string): Configuration {
  const { S3Key } = Object(properties["Code"]);
  return {
    code: join(assets, `asset.${toText(S3Key).replace(/\.zip$/, "")}`),
    environment: Object(properties["Environment"]).Variables ?? {},
  };
}

function setLatest(lambda: FunctionState, changes: Partial<Configuration>): void {
  lambda.latest = { ...lambda.latest, ...changes };
}

/** The resource types of Lambda. */
export const LAMBDA_TYPES: Readonly<Record<string, ResourceType>> = {
  "AWS::Lambda::Function": {
    create(cloud, properties, assets) {
      const ref = cloud.newId("function");
      const arn = `arn:aws:lambda:eu-west-1:123456789012:function:${ref}`;
      cloud.functions.set(ref, {
        arn,
        latest: toConfiguration(properties, assets),
        versions: new Map(),
        published: 0,
        aliases: new Map(),
        shifts: new Map(),
        permissions: new Map(),
      });
      return { ref, attributes: { Arn: arn } };
    },
    replacedBy: ["FunctionName"],
    // CloudFormation updates the configuration first and the code second, by two calls.
    update(cloud, { ref }, properties, assets) {
      const { lambda } = functionOf(cloud, ref);
      const { code, environment } = toConfiguration(properties, assets);
      return [
        ...(same(environment, lambda.latest.environment) ? [] : [() => setLatest(lambda, { environment })]),
        ...(code === lambda.latest.code ? [] : [() => setLatest(lambda, { code })]),
      ];
    },
    remove: (cloud, { ref }) => void cloud.functions.delete(ref),
  },
  "AWS::Lambda::Version": {
    create(cloud, properties) {
      const { lambda } = functionOf(cloud, toText(properties["FunctionName"]));
      const [newest] = [...lambda.versions].reverse();
      // Lambda publishes no version that is equal to the last one, and CloudFormation fails then.
      if (newest !== undefined && same(newest[1], lambda.latest))
        throw new Error(`A version for this Lambda function exists ( ${newest[0]} ).`);
      lambda.published += 1;
      lambda.versions.set(String(lambda.published), lambda.latest);
      return { ref: `${lambda.arn}:${lambda.published}`, attributes: { Version: String(lambda.published) } };
    },
    replacedBy: ["FunctionName", "Description"],
    update: () => [],
    remove(cloud, { ref }) {
      const { lambda, qualifier } = functionOf(cloud, ref);
      if ([...lambda.aliases.values()].includes(qualifier)) throw new Error("an alias names this version");
      lambda.versions.delete(qualifier);
    },
  },
  "AWS::Lambda::Alias": {
    create(cloud, properties) {
      const { lambda } = functionOf(cloud, toText(properties["FunctionName"]));
      const name = toText(properties["Name"]);
      if (lambda.aliases.has(name)) throw new Error(`Alias already exists: ${name}`);
      lambda.aliases.set(name, toText(properties["FunctionVersion"]));
      return { ref: `${lambda.arn}:${name}`, attributes: {} };
    },
    replacedBy: ["FunctionName", "Name"],
    update: (cloud, { ref }, properties) => [
      () => {
        const { lambda, qualifier } = functionOf(cloud, ref);
        lambda.aliases.set(qualifier, toText(properties["FunctionVersion"]));
      },
    ],
    remove(cloud, { ref }) {
      const { lambda, qualifier } = functionOf(cloud, ref);
      lambda.aliases.delete(qualifier);
      for (const [id, one] of lambda.permissions) if (one.qualifier === qualifier) lambda.permissions.delete(id);
    },
  },
  "AWS::Lambda::Permission": {
    create(cloud, properties) {
      const { lambda, qualifier } = functionOf(cloud, toText(properties["FunctionName"]));
      if (qualifier !== "" && !lambda.aliases.has(qualifier)) throw new Error(`there is no alias ${qualifier}`);
      const ref = cloud.newId("permission");
      const [, apiId = ""] = /^arn:aws:execute-api:[^:]*:[^:]*:([^/]+)\//.exec(toText(properties["SourceArn"])) ?? [];
      lambda.permissions.set(ref, { qualifier, apiId });
      return { ref, attributes: {} };
    },
    replacedBy: ["FunctionName", "SourceArn", "Principal", "Action"],
    update: () => [],
    remove: (cloud, { ref, properties }) =>
      void functionOf(cloud, toText(properties["FunctionName"])).lambda.permissions.delete(ref),
  },
};

import type { RawResource } from "./scope.ts";

/**
 * Says why a deployment stays the same when methods change; undefined if its logical id changes with them.
 *
 * A deployment is a snapshot, and CloudFormation makes a new one only for a new logical id. The id of the CDK's `Deployment`
 * ends with eight digits of the construct's path, in upper case, and 32 of the content. In other templates any digest or
 * time of ten digits counts, such as those of AWS SAM and the Serverless Framework.
 */
export function findSameness({ id, metadata }: RawResource): string | undefined {
  const isOfCdk = Object.hasOwn(metadata, "aws:cdk:path");
  const digest = isOfCdk ? /[0-9A-F]{8}[0-9a-f]{32}$/ : /(?:^|[^0-9a-f])(?=[a-f]*\d)[0-9a-f]{10,64}$/;
  return digest.test(id) ? undefined : "its logical id has no digest of the methods";
}

import {
  CognitoIdentityClient,
  GetCredentialsForIdentityCommand,
  GetIdCommand,
  GetOpenIdTokenCommand,
} from "@aws-sdk/client-cognito-identity";
import { AssumeRoleWithWebIdentityCommand, STSClient } from "@aws-sdk/client-sts";
import { askQuery, type Credentials, clientOptions } from "./aws.ts";
import type { Run } from "./run.ts";

/** Exchanges a token of the user pool for a token of the identity pool. */
export async function exchange(run: Run, idToken: string): Promise<{ identityId: string; openIdToken: string }> {
  const cognito = new CognitoIdentityClient(clientOptions(run));
  const Logins = loginsOf(run, idToken);
  const { IdentityId } = await cognito.send(
    new GetIdCommand({ IdentityPoolId: run.identityPool.IdentityPoolId, Logins }),
  );
  const { Token } = await cognito.send(new GetOpenIdTokenCommand({ IdentityId, Logins }));
  return { identityId: IdentityId ?? "", openIdToken: Token ?? "" };
}

/**
 * Assumes one role, by its trust policy.
 *
 * On AWS the identity pool chooses the role; the emulator's does not, so the caller names it.
 */
export async function assumeRole(run: Run, roleArn: string, idToken: string): Promise<Credentials> {
  const { openIdToken } = await exchange(run, idToken);
  return assumeRoleWith(run, roleArn, openIdToken);
}

export async function assumeRoleWith(run: Run, roleArn: string, openIdToken: string): Promise<Credentials> {
  const { Credentials: made } = await new STSClient(clientOptions(run)).send(
    new AssumeRoleWithWebIdentityCommand({
      RoleArn: roleArn,
      RoleSessionName: "e2e",
      WebIdentityToken: openIdToken,
    }),
  );
  return toCredentials(made?.AccessKeyId, made?.SecretAccessKey, made?.SessionToken);
}

/** Gets the credentials that an app gets: those of the role that the identity pool picks. */
export async function credentialsOf(run: Run, idToken: string): Promise<Credentials> {
  const { identityId } = await exchange(run, idToken);
  const { Credentials: made } = await new CognitoIdentityClient(clientOptions(run)).send(
    new GetCredentialsForIdentityCommand({ IdentityId: identityId, Logins: loginsOf(run, idToken) }),
  );
  return toCredentials(made?.AccessKeyId, made?.SecretKey, made?.SessionToken);
}

/** Finds the ARN of the owner of credentials. */
export async function callerOf(run: Run, credentials: Credentials): Promise<string> {
  const answer = await askQuery(run, "sts", { Action: "GetCallerIdentity", Version: "2011-06-15" }, credentials);
  return /<Arn>([^<]*)<\/Arn>/.exec(answer)?.[1] ?? "";
}

/** Adds a tag to a role, as the identity pool would add one to its session. */
export async function tagRole(run: Run, roleArn: string, key: string, value: string): Promise<void> {
  await askQuery(run, "iam", {
    Action: "TagRole",
    Version: "2010-05-08",
    RoleName: roleArn.split("/").at(-1) ?? "",
    "Tags.member.1.Key": key,
    "Tags.member.1.Value": value,
  });
}

function loginsOf({ region, identityPool }: Run, idToken: string): Record<string, string> {
  return { [`cognito-idp.${region}.amazonaws.com/${identityPool.UserPoolId}`]: idToken };
}

function toCredentials(id: string | undefined, secret: string | undefined, session: string | undefined): Credentials {
  if (id === undefined || secret === undefined || session === undefined) throw new Error("there are no credentials");
  return { accessKeyId: id, secretAccessKey: secret, sessionToken: session };
}

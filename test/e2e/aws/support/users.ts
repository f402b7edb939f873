import { readFileSync } from "node:fs";
import { join } from "node:path";
import {
  AdminAddUserToGroupCommand,
  AdminCreateUserCommand,
  AdminSetUserPasswordCommand,
  CognitoIdentityProviderClient,
  InitiateAuthCommand,
} from "@aws-sdk/client-cognito-identity-provider";
import { parseUsers } from "../../../../local/parse-users.ts";
import type { User } from "../../../../local/users.ts";
import { ORDERS_FOLDER } from "../../../support/orders-policies.ts";
import { clientOptions } from "./aws.ts";
import type { Emulator, Pool, UserName } from "./run.ts";

/** ID token and access token of one sign-in. */
interface Tokens {
  readonly id: string;
  readonly access: string;
}

/** The password of every user. */
export const PASSWORD = "Passw0rd!Passw0rd!";

/** Reads the users of the policy that is deployed, which `npm start` has, too. */
function readSampleUsers(): readonly User[] {
  const file = join(ORDERS_FOLDER, "users.yaml");
  const accounts = parseUsers(readFileSync(file, "utf8"), file);
  if (!accounts.ok) throw new Error(accounts.error.join("\n"));
  return accounts.value.users;
}

/** Creates the users of the sample policy, the same as in `npm start`, with the API of administrators. */
export async function createUsers(run: Emulator, { UserPoolId }: Pool): Promise<void> {
  const cognito = new CognitoIdentityProviderClient(clientOptions(run));
  for (const { name, groups, claims } of readSampleUsers()) {
    const user = { UserPoolId, Username: name };
    const UserAttributes = Object.entries(claims).map(([Name, value]) => ({ Name, Value: String(value) }));
    await cognito.send(new AdminCreateUserCommand({ ...user, MessageAction: "SUPPRESS", UserAttributes }));
    await cognito.send(new AdminSetUserPasswordCommand({ ...user, Password: PASSWORD, Permanent: true }));
    for (const GroupName of groups) await cognito.send(new AdminAddUserToGroupCommand({ ...user, GroupName }));
  }
}

/** Signs in with name and password, as an app does. */
export async function signIn(run: Emulator, { UserPoolClientId }: Pool, name: UserName): Promise<Tokens> {
  const cognito = new CognitoIdentityProviderClient(clientOptions(run));
  const { AuthenticationResult } = await cognito.send(
    new InitiateAuthCommand({
      ClientId: UserPoolClientId,
      AuthFlow: "USER_PASSWORD_AUTH",
      AuthParameters: { USERNAME: name, PASSWORD },
    }),
  );
  const { IdToken, AccessToken } = AuthenticationResult ?? {};
  if (IdToken === undefined || AccessToken === undefined) throw new Error(`${name} was not signed in`);
  return { id: IdToken, access: AccessToken };
}

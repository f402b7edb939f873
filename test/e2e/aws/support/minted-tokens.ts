import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { decodeJwt, decodeProtectedHeader, SignJWT } from "jose";
import { stateFolderOf } from "../emulator/ministack.ts";
import type { Run } from "./run.ts";

/** A mint of tokens that Cognito would not issue, or not now, signed with the key of the user pool. */
export interface Mint {
  /** Signs the claims and header of a token that Cognito issued, with changes; `undefined` removes a claim. */
  readonly mint: (
    token: string,
    claims: Readonly<Record<string, unknown>>,
    header?: Readonly<Record<string, unknown>>,
    key?: KeyObject | Uint8Array,
  ) => Promise<string>;
  readonly publicKey: KeyObject;
  /** A key that belongs to no pool. */
  readonly otherKey: KeyObject;
}

export async function createMint({ folder, orders }: Run): Promise<Mint> {
  const file = join(stateFolderOf(folder), "cognito-pool-keys", `${orders.UserPoolId}-id.pem`);
  const privateKey = createPrivateKey(await readFile(file));
  return {
    publicKey: createPublicKey(privateKey),
    otherKey: generateKeyPairSync("rsa", { modulusLength: 2048 }).privateKey,
    mint(token, claims, header = {}, key = privateKey) {
      const { alg = "RS256", ...others } = decodeProtectedHeader(token);
      return new SignJWT({ ...decodeJwt(token), ...claims })
        .setProtectedHeader({ alg, ...others, ...header })
        .sign(key);
    },
  };
}

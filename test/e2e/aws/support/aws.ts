import { createHash, createHmac, type Hash, type Hmac } from "node:crypto";
import { SignatureV4 } from "@smithy/signature-v4";
import { ACCOUNT } from "../emulator/ministack.ts";
import type { Emulator } from "./run.ts";

/** Credentials of a role, or the emulator's own. */
export interface Credentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
}

/** The emulator's root key: its id is the number of an account. */
const ROOT: Credentials = { accessKeyId: ACCOUNT, secretAccessKey: "test" };

/** Returns the options of clients of the AWS SDK. */
export function clientOptions({ port, region }: Emulator) {
  return { endpoint: `http://127.0.0.1:${port}`, region, credentials: ROOT };
}

interface Signable {
  readonly service: string;
  readonly method: string;
  readonly host: string;
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array<ArrayBuffer>;
}

/** Signs a request and returns its headers with the signature. */
export async function signHeaders(
  { service, method, host, path, headers = {}, body = "" }: Signable,
  region: string,
  credentials: Credentials,
): Promise<Record<string, string>> {
  const signer = new SignatureV4({ service, region, credentials, sha256: Sha256 });
  const [hostname = "", port] = host.split(":");
  const signed = await signer.sign({
    protocol: "http:",
    method,
    hostname,
    port: Number(port),
    path,
    headers: { host, ...headers },
    body,
  });
  return signed.headers;
}

interface Question extends Partial<Signable> {
  readonly service: string;
  readonly credentials?: Credentials;
}

/** Calls a service of the emulator for which the tests have no client, as the emulator's root by default. */
export async function askAws({ port, region }: Emulator, question: Question): Promise<string> {
  const { service, method = "POST", path = "/", headers = {}, body = "", credentials = ROOT } = question;
  const host = `127.0.0.1:${port}`;
  const signed = await signHeaders({ service, method, host, path, headers, body }, region, credentials);
  const response = await fetch(`http://${host}${path}`, { method, headers: signed, ...(body !== "" && { body }) });
  const text = await response.text();
  if (!response.ok) throw new Error(`${service} answered ${response.status}: ${text}`);
  return text;
}

/** Calls a service that takes its parameters as a form. */
export function askQuery(
  emulator: Emulator,
  service: string,
  parameters: Readonly<Record<string, string>>,
  credentials: Credentials = ROOT,
): Promise<string> {
  const headers = { "content-type": "application/x-www-form-urlencoded" };
  return askAws(emulator, { service, headers, body: new URLSearchParams(parameters).toString(), credentials });
}

/** SHA-256 and its keyed form, with the interface that the signer needs. */
class Sha256 {
  readonly #hash: Hash | Hmac;
  constructor(secret?: unknown) {
    this.#hash = secret === undefined ? createHash("sha256") : createHmac("sha256", secret as string | Uint8Array);
  }
  update(data: string | Uint8Array) {
    this.#hash.update(data);
  }
  async digest() {
    return new Uint8Array(this.#hash.digest());
  }
  reset() {}
}

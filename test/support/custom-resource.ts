import { spawn } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:http";
import { join } from "node:path";

/** An answer of AWS: its status, and the code of its error if it is one. */
export interface AwsAnswer {
  readonly status: number;
  readonly error?: string;
}

/** What a handler of a custom resource did. */
export interface Handled {
  /** The requests to AWS, such as `DELETE /restapis/a/stages/b`. */
  readonly calls: readonly string[];
  /** The service in the scope of each signature. */
  readonly services: readonly string[];
  /** The handler's answer to CloudFormation. */
  readonly answer: Readonly<Record<"Status" | "Reason" | "PhysicalResourceId", string>>;
}

/** Invokes the handler, whose answer to CloudFormation goes to the loopback server, since it names no port. */
const INVOKE = `
const http = require("node:http");
require("node:https").request = (asked, answered) =>
  http.request({ ...asked, hostname: "127.0.0.1", port: process.env.PORT }, answered);
const { handler } = require(process.env.HANDLER);
handler(JSON.parse(process.env.EVENT), { logStreamName: "log" });
`;

/**
 * Invokes the handler that the CDK deploys for a custom resource, with the AWS SDK of this repository, against a server on the
 * loopback interface that plays AWS and CloudFormation.
 *
 * @param folder - The handler's folder in a cloud assembly.
 * @param answerTo - The answer to the request with this number, from 0.
 */
export async function invokeCustomResource(
  folder: string,
  event: object,
  answerTo: (at: number) => AwsAnswer,
): Promise<Handled> {
  const calls: string[] = [];
  const services: string[] = [];
  let answer: Handled["answer"] | undefined;
  const server = createServer((request, response) => {
    // A connection that is kept would keep the handler's process for five seconds.
    response.setHeader("Connection", "close");
    let body = "";
    request.on("data", (chunk) => {
      body += chunk;
    });
    request.on("end", () => {
      if (request.url === "/answer") {
        answer = JSON.parse(body);
        response.end();
        return;
      }
      const { status, error } = answerTo(calls.length);
      calls.push(`${request.method} ${request.url}`);
      services.push(/\/([a-z-]+)\/aws4_request/.exec(request.headers.authorization ?? "")?.[1] ?? "");
      response.writeHead(status, error === undefined ? {} : { "x-amzn-errortype": error });
      response.end(error === undefined ? "" : JSON.stringify({ message: error }));
    });
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  const port = address !== null && typeof address === "object" ? address.port : 0;
  const full = {
    StackId: "s",
    RequestId: "r",
    LogicalResourceId: "l",
    ResponseURL: "https://cloudformation/answer",
    ...event,
  };
  const child = spawn(process.execPath, ["--eval", INVOKE], {
    env: {
      NODE_PATH: join(process.cwd(), "node_modules"),
      AWS_ENDPOINT_URL: `http://127.0.0.1:${port}`,
      AWS_REGION: "eu-west-1",
      AWS_ACCESS_KEY_ID: "test",
      AWS_SECRET_ACCESS_KEY: "test",
      PORT: String(port),
      HANDLER: join(folder, "index.js"),
      EVENT: JSON.stringify(full),
    },
    stdio: ["ignore", "ignore", "pipe"],
  });
  let errors = "";
  child.stderr.setEncoding("utf8").on("data", (chunk: string) => {
    errors += chunk;
  });
  await once(child, "close");
  server.close();
  if (answer === undefined) throw new Error(`the handler did not answer CloudFormation: ${errors}`);
  return { calls, services, answer };
}

import { captureOutput } from "../../local/captured-output.ts";
import { last, timedInTurn } from "../frame/chapter.ts";
import { type BenchEvent, HANDLERS, type HandlerSettings } from "./handlers.ts";

// The process of one contender. Its standard output is a pipe, as a Lambda's is, and everything that it is told comes over IPC.

/** What the process is told. The answer to each is one message. */
export type Order =
  | { readonly kind: "authorizer"; readonly file: string; readonly isSilent: boolean }
  | { readonly kind: "handler"; readonly name: string; readonly settings: HandlerSettings }
  | { readonly kind: "answer"; readonly event: BenchEvent }
  | { readonly kind: "run"; readonly event: BenchEvent; readonly times: number };

type Handler = (event: BenchEvent) => Promise<unknown>;

let handler: Handler = () => Promise.reject(new Error("no handler"));

process.on("message", (order: Order) => {
  carryOut(order).then(
    (value) => process.send?.({ value }),
    (error: unknown) => process.send?.({ error: String(error) }),
  );
});

async function carryOut(order: Order): Promise<unknown> {
  switch (order.kind) {
    case "authorizer":
      if (order.isSilent) captureOutput(() => {});
      handler = ((await import(order.file)) as { readonly handler: Handler }).handler;
      return undefined;
    case "handler": {
      const create = HANDLERS[order.name];
      if (create === undefined) throw new Error(`there is no handler ${order.name}`);
      handler = await create(order.settings);
      return undefined;
    }
    case "answer":
      return await handler(order.event).then(
        (response) => (JSON.stringify(response).includes('"Allow"') ? "allow" : "deny"),
        () => "refuse",
      );
    case "run":
      last.result = undefined;
      return await timedInTurn(() => handler(order.event))(order.times);
    default:
      return order satisfies never;
  }
}

import type { Api } from "../../contract/api-kinds.ts";

/** An API of the app, by which requests, templates and aliases name it. */
interface ModelledApi {
  readonly kind: Api;
  readonly stage: string;
  /** The `Name` of the resource, or the title of its document. */
  readonly title: string;
}

/** The APIs that each request may be sent to: one of each kind, and of each way to give it an authorizer. */
export const APIS = {
  rest: { kind: "rest", stage: "prod", title: "Rest" },
  http: { kind: "http", stage: "$default", title: "Http" },
  sockets: { kind: "websocket", stage: "live", title: "Sockets" },
  tokens: { kind: "rest", stage: "prod", title: "Tokens" },
  restDocument: { kind: "rest", stage: "prod", title: "RestDocument" },
  httpDocument: { kind: "http", stage: "$default", title: "HttpDocument" },
} as const satisfies Readonly<Record<string, ModelledApi>>;

export type ApiName = keyof typeof APIS;

export const API_NAMES = Object.keys(APIS) as readonly ApiName[];

/** The id that the model gives to the first API with a title, so that a release can know the ids of deployed APIs. */
export function toApiId(title: string): string {
  return title.toLowerCase().slice(0, 10).padEnd(10, "0");
}

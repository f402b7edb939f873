import { describe, expect, it } from "vitest";
import { type ApiName, call } from "./support/client.ts";
import { readRun } from "./support/run.ts";

const run = readRun();

/** Other spellings of a path that an administrator may call. */
const EDITED: readonly (readonly [path: string, of: string])[] = [
  ["/admin//users", "/admin/users"],
  ["/admin/./users", "/admin/users"],
  ["/admin/../admin/users", "/admin/users"],
  ["/admin/users/.", "/admin/users"],
  ["/admin/users%252f7", "/admin/users/7"],
  ["/admin/users;a=b", "/admin/users"],
  ["/admin/users%5c7", "/admin/users/7"],
  ["/admin/users%00", "/admin/users"],
  ["/admin/*", "/admin/users"],
  ["/admin/users%3f", "/admin/users"],
];

describe.each(["rest", "http"] satisfies ApiName[])("the API of kind %s", (api) => {
  it.each(EDITED)("refuses %s, and not %s", async (path, of) => {
    const ask = async (asked: string, purpose: "control" | "request") =>
      (await call(run, { api, path: asked, token: run.tokens.admin, purpose })).status;
    const [edited, plain] = [await ask(path, "control"), await ask(of, "request")];
    expect(edited, "an edited path").not.toBe(200);
    expect(plain).toBe(200);
  });

  // The emulator decodes %2f, and drops additional slashes at both ends, before the authorizer sees the path.
  it.each([
    "//admin",
    "/admin%2fusers",
    "/admin/",
    "/%61dmin",
    "/home/../admin",
    "/customers/43/orders/",
    "/customers%2f43/orders",
  ])("refuses %s to a user who may not call the path that it resembles", async (path) => {
    const { status } = await call(run, { api, path, token: run.tokens.customer, purpose: "control" });
    expect([403, 404]).toContain(status);
  });
});

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { HTTP_METHODS } from "../../../contract/route.ts";
import { toAreas } from "../../../scaffold/areas.ts";

function toRoutes(...paths: readonly string[]) {
  return paths.map((path) => ({ verb: "GET", path, id: undefined, summary: undefined }));
}

describe("areas", () => {
  it.each([
    ["/orders/{id}", "orders"],
    ["/Order-Lines", "order_lines"],
    ["/", "root"],
    ["/{proxy+}", "root"],
    ["/{tenant}/orders", "orders"],
    ["/.well-known/keys", "well_known"],
    ["/roles/{id}", "area_roles"],
    ["/conditions", "area_conditions"],
    ["/default", "area_default"],
    ["/2fa", "area_2fa"],
    ["/load-test", "area_load_tests"],
  ])("%s is in the area %s", (path, name) => {
    expect(toAreas(toRoutes(path)).map((area) => area.name)).toEqual([name]);
  });

  it("with many routes are divided by the next literal", () => {
    const users = Array.from({ length: 12 }, (_, at) => `/tenants/{tenant}/users/${at}`);
    const areas = toAreas(toRoutes("/tenants/{tenant}", "/tenants/{tenant}/files/{path+}", ...users));
    expect(areas.map(({ name, routes }) => [name, routes.length])).toEqual([
      ["tenants", 1],
      ["tenants_files", 1],
      ["tenants_users", 12],
    ]);
  });

  it("name a grant for the operation, or for the verb and path", () => {
    const [area] = toAreas([
      { verb: "GET", path: "/orders", id: "listOrders", summary: undefined },
      { verb: "POST", path: "/orders", id: "listOrders", summary: undefined },
      { verb: "PUT", path: "/orders/{id}", id: undefined, summary: undefined },
    ]);
    expect(area?.routes.map(({ grant }) => grant)).toEqual(["list_orders", "list_orders_2", "put_orders_id"]);
  });

  it("have every route once, under names that differ and that Rego accepts, whatever the API is", () => {
    const segment = fc.oneof(
      fc.stringMatching(/^[\w.,:~-]{1,6}$/),
      fc.constantFrom("{id}", "roles", "Roles", "test", "a_test", "input", "v1"),
    );
    const path = fc.array(segment, { maxLength: 4 }).map((segments) => `/${segments.join("/")}`);
    const id = fc.option(fc.string({ maxLength: 5 }), { nil: undefined });
    const route = fc.record({ verb: fc.constantFrom(...HTTP_METHODS), path, id, summary: fc.constant(undefined) });
    const routes = fc.uniqueArray(route, { maxLength: 40, selector: ({ verb, path: at }) => `${verb} ${at}` });
    fc.assert(
      fc.property(routes, (given) => {
        const areas = toAreas(given);
        const named = areas.flatMap((area) => area.routes);
        const key = ({ verb, path: at }: { readonly verb: string; readonly path: string }) => `${verb} ${at}`;
        expect(named.map(key).sort()).toEqual(given.map(key).sort());
        for (const names of [
          areas.map(({ name }) => name),
          ...areas.map((area) => area.routes.map((one) => one.grant)),
        ])
          expect([names.length - new Set(names).size, names.filter((name) => !/^[a-z0-9_]+$/.test(name))]).toEqual([
            0,
            [],
          ]);
        const isRefused = ({ name }: { readonly name: string }) =>
          /^\d|_test$|^(roles|conditions|invariants|input)$/.test(name);
        expect(areas.filter(isRefused)).toEqual([]);
      }),
    );
  });
});

import { expect, it } from "vitest";
import { buildIn, createWorkspace } from "../../../../dev/workspace.ts";

const AREA = `package access.area

grants["it"] := {"roles": {"authenticated"}, "verbs": {"GET"}, "path": "/{id}", "when": {"it", "other"}}

grants["else"] := {"roles": {"authenticated"}, "verbs": {"GET"}, "path": "/else/where"}
`;

function conditionsOf(lateBy: string, it = "input.now_s > 3"): string {
  const metadata = (value: string) => (value === "" ? "" : `# METADATA\n# custom:\n#   late_by: ${value}\n`);
  return `# METADATA
# schemas:
# - input: schema.input
package access.conditions

${metadata(lateBy)}it if ${it}

${metadata("600")}other if input.calendar["Europe/Berlin"].hour < 18

other if input.request.stage == "open"
`;
}

async function buildWith(conditions: string) {
  await using workspace = await createWorkspace({
    "access/area.rego": AREA,
    "access/conditions.rego": conditions,
  });
  // Awaited here, since the workspace is removed when this function returns.
  return await buildIn(workspace.root);
}

it("responses that depend on the time are cached for as long as all conditions allow", async () => {
  const built = await buildWith(conditionsOf("60"));
  const contract = built.ok ? built.value.manifest.cache_contract : undefined;
  expect(contract?.routes.map(({ path, authorizer }) => [path, authorizer])).toEqual([
    ["/else/where", "token"],
    ["/{id}", "request-60s"],
  ]);
  expect(contract?.authorizers["request-60s"]).toMatchObject({ class: "request", max_ttl_s: 60 });
});

it.each([
  [60, 120],
  [120, 60],
])("the lowest number counts for all rules of a condition: %d, %d", async (one, other) => {
  const rule = (lateBy: number, bound: number) =>
    `# METADATA\n# custom:\n#   late_by: ${lateBy}\nit if input.now_s > ${bound}\n`;
  const conditions = conditionsOf("60").replace(
    /# METADATA\n# custom:\n# {3}late_by: 60\nit if .*\n/,
    `${rule(one, 3)}\n${rule(other, 9)}`,
  );
  const built = await buildWith(conditions);
  const contract = built.ok ? built.value.manifest.cache_contract : undefined;
  expect(contract?.max_ttl_s).toBe(60);
});

it("responses are not cached if one condition on the time does not say how late it may be noticed", async () => {
  const built = await buildWith(conditionsOf(""));
  const contract = built.ok ? built.value.manifest.cache_contract : undefined;
  expect(contract?.authorizers["never"]).toMatchObject({ class: "never" });
  expect(contract?.routes.map(({ authorizer }) => authorizer)).toEqual(["token", "never"]);
});

it.each<[string, string, RegExp]>([
  ["zero", conditionsOf("0"), /it: late_by must be a whole number .* \[late_by\.out_of_range\]$/],
  ["more than an hour", conditionsOf("3601"), /\[late_by\.out_of_range\]$/],
  ["a part of a second", conditionsOf("0.5"), /\[late_by\.out_of_range\]$/],
  ["a text", conditionsOf("1m"), /\[late_by\.out_of_range\]$/],
  ["a condition that reads no time", conditionsOf("60", 'input.request.stage == "x"'), /\[late_by\.no_time\]$/],
])("%s is not how late the time may be noticed", async (_, conditions, message) => {
  const built = await buildWith(conditions);
  expect(built.ok ? [] : built.error).toContainEqual(expect.stringMatching(message));
});

import fc from "fast-check";
import { expect, it } from "vitest";
import { type Decision, parseDecision } from "../../../contract/decision.ts";
import { createReadDecision } from "../../../replay/decide.ts";

/** Few names, so that texts often begin alike; some need escapes. */
const NAME = fc.constantFrom("a", "orders.read", "params", 'q"q', "b\\s", "ü😀", '",', "{", "}}}]", '"params":{');
const NAMES = fc.uniqueArray(NAME, { minLength: 1, maxLength: 2 });
const PARAMS = fc.dictionary(NAME, fc.dictionary(NAME, fc.oneof(NAME, fc.string()), { maxKeys: 2 }), { maxKeys: 2 });
const UNMET = fc.dictionary(NAME, NAMES, { maxKeys: 2 });

// Object keys are in the order of the module's dump: what differs from request to request is at the end.
const DECISION: fc.Arbitrary<Decision> = fc.oneof(
  fc.record({ roles: NAMES, grants: NAMES, effect: fc.constant("allow" as const), params: PARAMS }),
  fc.record({ roles: NAMES, reasons: NAMES, effect: fc.constant("deny" as const), denials: NAMES, unmet: UNMET }),
);

function toCounted(resultSet: unknown) {
  const parsed = parseDecision(resultSet);
  if (!parsed.ok || parsed.value.effect === "deny") return parsed;
  const { params: _, ...counted } = parsed.value;
  return { ok: true, value: counted };
}

it("reads a decision as the authorizer parses it, but for the values of parameters, whatever it has read before", () => {
  fc.assert(
    fc.property(fc.array(DECISION, { minLength: 1, maxLength: 8 }), (decisions) => {
      const read = createReadDecision();
      for (const decision of [...decisions, ...decisions]) {
        const resultSet = [{ result: decision }];
        expect(read(JSON.stringify(resultSet))).toEqual(toCounted(resultSet));
      }
    }),
    { seed: 16, numRuns: 200 },
  );
});

it("refuses what is not a decision, although it begins like one that it has read", () => {
  const read = createReadDecision();
  const head = '[{"result":{"roles":["customer"],"grants":["orders.read"],"effect":"allow"';
  const right = `${head},"params":{"orders.read":{"id":"42"}}}}]`;
  expect(read(right)).toEqual({
    ok: true,
    value: { roles: ["customer"], grants: ["orders.read"], effect: "allow" },
  });
  const endings = [
    "}}]",
    ',"params":{"orders.read":{"id":42}}}}]',
    ',"params":{"orders.read":["42"]}}}]',
    ',"params":{"orders.read":"42"}}}]',
    ',"params":{"orders.read":{"id":"42"}},"more":1}}]',
    ',"params":{"orders.read":{"id":"42"}}}},{"result":true}]',
    ',"params":{"orders.read":{"id":"42",}}}}]',
    ',"params":{"orders.read":{"id":"42"}}}}',
    ',"params":{"orders.read":{"id":"4\n2"}}}}]',
    "",
  ];
  expect(endings.filter((ending) => read(`${head}${ending}`).ok)).toEqual([]);
  expect(read(right).ok).toBe(true);
});

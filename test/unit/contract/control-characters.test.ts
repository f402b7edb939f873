import { expect, it } from "vitest";
import { CONTROL_CHARACTER } from "../../../contract/control-characters.ts";

it("finds the characters that Unicode calls control characters, and no others", () => {
  const units = Array.from({ length: 0x1_0000 }, (_, at) => String.fromCharCode(at));
  const isControl = /\p{Cc}/u;
  const found = units.filter((unit) => CONTROL_CHARACTER.test(unit));
  expect(found).toHaveLength(65);
  expect(found).toEqual(units.filter((unit) => isControl.test(unit)));
  expect(CONTROL_CHARACTER.test("\u{1f600}\u{10ffff}")).toBe(false);
});

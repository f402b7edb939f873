import { describe, expect, it } from "vitest";
import { formatLogEntry, parseLogEntry } from "../../../contract/decision-log.ts";
import type { LogEntry } from "../../../contract/log-entry.ts";

function entryWith(claim: string): LogEntry {
  return {
    decision_id: "1",
    timestamp: "2026-01-01T00:00:00.000Z",
    labels: { app: "rego-authorizer", api: "abcdef1234", stage: "prod" },
    revision: "r",
    path: "engine/decision",
    input: { principal: { claims: { name: claim } } },
    result: { effect: "deny", reasons: ["grant.none"], denials: [], unmet: {} },
    metrics: { timer_server_handler_ns: 1000 },
  };
}

describe("a line of the decision log", () => {
  it("has every character that steers a terminal or breaks a line as an escape, and no other", () => {
    for (let code = 0; code <= 0x10ffff; code += code < 0x3000 || (code >= 0xe0000 && code < 0xe0200) ? 1 : 97) {
      if (code >= 0xd800 && code <= 0xdfff) continue;
      const character = String.fromCodePoint(code);
      const line = formatLogEntry(entryWith(character));
      const isRaw = !/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u.test(character);
      expect([code.toString(16), line.slice(0, -1).includes(character)]).toEqual([code.toString(16), isRaw]);
      expect(parseLogEntry(line)).toEqual({ ok: true, value: entryWith(character) });
    }
  });

  it.each(["\u0085", "\u009b31m", "\u2028", "\u202e", "\u{e0001}", "\ufeff", "\ud800", "\n"])(
    "with %j is printable, and the same entry when it is read",
    (claim) => {
      const line = formatLogEntry(entryWith(claim));
      expect(line).toMatch(/^[\x20-\x7e]+\n$/);
      expect(parseLogEntry(line)).toEqual({ ok: true, value: entryWith(claim) });
    },
  );
});

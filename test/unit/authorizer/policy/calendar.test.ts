import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createToCalendar } from "../../../../authorizer/policy/calendar.ts";
import { CALENDAR_FIELDS } from "../../../../contract/calendar.ts";
import { opaIn } from "../../../support/opa.ts";

/** Zones with and without summer time, with offsets of half and quarter hours, beyond a day, and with odd changes. */
const ZONES = [
  ...["UTC", "Europe/Berlin", "Europe/London", "Europe/Dublin", "America/New_York", "America/St_Johns"],
  ...["America/Sao_Paulo", "Asia/Kolkata", "Asia/Kathmandu", "Asia/Tokyo", "Australia/Lord_Howe", "Australia/Sydney"],
  ...["Pacific/Auckland", "Pacific/Chatham", "Pacific/Kiritimati", "Pacific/Pago_Pago", "Africa/Cairo"],
];

const everyField = (zones: readonly string[]) =>
  zones.flatMap((zone) => Object.keys(CALENDAR_FIELDS).map((field) => ["calendar", zone, field]));

function toCalendarOf(references: readonly (readonly string[])[]) {
  const created = createToCalendar(references);
  if (!created.ok) throw new Error(created.error.join(", "));
  return created.value;
}

const at = (text: string) => Date.parse(text) / 1000;

/** Finds the instants at which a zone's offset changes within some years, to the second. */
function changesOf(zone: string): readonly number[] {
  const toCalendar = toCalendarOf(everyField([zone]));
  const offset = (nowS: number) => {
    const { year = 0, month = 1, day = 1, hour = 0, minute = 0 } = toCalendar?.(nowS)[zone] ?? {};
    return Date.UTC(year, month - 1, day, hour, minute) / 60_000 - Math.floor(nowS / 60);
  };
  const days = Array.from({ length: 3 * 366 }, (_, day) => at("2024-01-01T00:00:00Z") + day * 86_400);
  return days.flatMap((start) => {
    if (offset(start) === offset(start + 86_400)) return [];
    let [low, high] = [start, start + 86_400];
    while (high - low > 1) {
      const middle = Math.floor((low + high) / 2);
      if (offset(middle) === offset(start)) low = middle;
      else high = middle;
    }
    return [low, high];
  });
}

/** Computes the calendar with OPA's own functions, which are not allowed in policies. */
async function computedByOpa(cases: readonly { readonly zone: string; readonly now_s: number }[]): Promise<unknown> {
  const folder = await mkdtemp(join(tmpdir(), "rego-authorizer-calendar-"));
  const rego = `package oracle

calendars := [fields |
	some case in input
	instant := [case.now_s * 1000000000, case.zone]
	[year, month, day] := time.date(instant)
	[hour, minute, _] := time.clock(instant)
	fields := {
		"year": year, "month": month, "day": day, "hour": hour, "minute": minute,
		"weekday": lower(time.weekday(instant)), "date": sprintf("%d-%02d-%02d", [year, month, day]),
	}
]
`;
  await writeFile(join(folder, "oracle.rego"), rego);
  await writeFile(join(folder, "input.json"), JSON.stringify(cases));
  const opa = await opaIn(folder);
  const { stdout, stderr } = await opa(
    "eval",
    "--format",
    "raw",
    "-d",
    "oracle.rego",
    "-i",
    "input.json",
    "data.oracle.calendars",
  );
  await rm(folder, { recursive: true });
  return JSON.parse(stdout || stderr);
}

describe("the calendar", () => {
  it("is the one that OPA computes, at any instant and around every change of summer time", async () => {
    const anyTime = fc.sample(
      fc.tuple(fc.constantFrom(...ZONES), fc.integer({ min: 0, max: at("2037-12-31T00:00:00Z") })),
      3000,
    );
    const cases = [
      ...anyTime.map(([zone, now_s]) => ({ zone, now_s })),
      ...ZONES.flatMap((zone) => changesOf(zone).map((now_s) => ({ zone, now_s }))),
      ...ZONES.flatMap((zone) =>
        ["2024-02-29T00:00:00Z", "2026-12-31T23:59:59Z"].map((text) => ({ zone, now_s: at(text) })),
      ),
    ];
    // Positive control: changes of summer time are among them.
    expect(cases.length).toBeGreaterThan(3000 + 2 * 6 * 8);
    const toCalendar = toCalendarOf(everyField(ZONES));
    const calendars = cases.map(({ zone, now_s }) => toCalendar?.(now_s)[zone]);
    expect(calendars).toEqual(await computedByOpa(cases));
  });

  it("has the zones and fields that the policy reads, and no other", () => {
    const references = [
      ["now_s"],
      ["calendar", "Europe/Berlin", "hour"],
      ["calendar", "Europe/Berlin", "weekday"],
      ["calendar", "UTC", "date"],
    ];
    expect(toCalendarOf(references)?.(at("2026-11-25T23:30:00Z"))).toEqual({
      "Europe/Berlin": { hour: 0, weekday: "thursday" },
      UTC: { date: "2026-11-25" },
    });
  });

  it("does not exist for a policy that reads none", () => {
    expect(toCalendarOf([["now_s"], ["principal", "claims", "calendar"]])).toBeUndefined();
  });

  it.each(["Europe/Berlyn", "", "+01:00", "constructor"])("has no zone %j", (zone) => {
    const known = ["calendar", "Europe/Berlin", "hour"];
    expect(createToCalendar([known, ["calendar", zone, "hour"]])).toEqual({ ok: false, error: [zone] });
  });
});

import { createZoneFormat } from "../../contract/calendar.ts";
import type { EngineInput } from "../../contract/engine-input.ts";
import type { InputReference } from "../../contract/manifest.ts";
import { err, ok, type Result } from "../../contract/result.ts";

type Calendar = NonNullable<EngineInput["calendar"]>;
type Fields = Calendar[string];

/** Makes the calendar of an instant, with the zones and fields that the policy reads. */
export type ToCalendar = (nowS: number) => Calendar;

/**
 * Creates the function that makes the calendar; undefined if the policy reads none.
 *
 * Making a formatter takes a hundred times as long as using it, so there is one for each zone.
 *
 * @param references - The fields that the policy reads, such as `["calendar", "Europe/Berlin", "hour"]`.
 * @returns The function, or the time zones that this Node.js does not know.
 */
export function createToCalendar(
  references: readonly InputReference[],
): Result<ToCalendar | undefined, readonly string[]> {
  const unknown: string[] = [];
  const zones = [...fieldsByZone(references)].flatMap(([zone, names]) => {
    const format = createZoneFormat(zone);
    if (format !== undefined) return [{ zone, names, format }];
    unknown.push(zone);
    return [];
  });
  if (unknown.length > 0) return err(unknown);
  if (zones.length === 0) return ok(undefined);
  let last: { readonly minute: number; readonly calendar: Calendar } | undefined;
  return ok((nowS) => {
    // No field changes within a minute, and formatting takes as long as several decisions.
    const minute = Math.floor(nowS / 60);
    if (last?.minute === minute) return last.calendar;
    const entries = zones.map(({ zone, names, format }) => {
      const read = Object.entries(toFields(format, minute * 60)).filter(([name]) => names.has(name));
      return [zone, Object.fromEntries(read)];
    });
    last = { minute, calendar: Object.fromEntries(entries) };
    return last.calendar;
  });
}

function fieldsByZone(references: readonly InputReference[]): ReadonlyMap<string, ReadonlySet<string>> {
  const zones = new Map<string, Set<string>>();
  for (const [root, zone, field] of references) {
    if (root !== "calendar" || zone === undefined || field === undefined) continue;
    zones.set(zone, (zones.get(zone) ?? new Set()).add(field));
  }
  return zones;
}

function toFields(format: Intl.DateTimeFormat, nowS: number): Required<Fields> {
  const parts: Partial<Record<Intl.DateTimeFormatPartTypes, string>> = {};
  for (const { type, value } of format.formatToParts(nowS * 1000)) parts[type] = value;
  const { year = "", month = "", day = "", hour = "", minute = "", weekday = "" } = parts;
  return {
    year: Number(year),
    month: Number(month),
    day: Number(day),
    hour: Number(hour),
    minute: Number(minute),
    weekday: weekday.toLowerCase() as Required<Fields>["weekday"],
    date: `${year.padStart(4, "0")}-${month}-${day}`,
  };
}

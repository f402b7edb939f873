import { isTimeZone } from "../../contract/calendar.ts";
import type { EngineInput } from "../../contract/engine-input.ts";
import type { InputReference } from "../../contract/manifest.ts";

type Calendar = NonNullable<EngineInput["calendar"]>;
type Fields = Calendar[string];

/** Makes the calendar of an instant, with the zones and fields that the policy reads. */
export type ToCalendar = (nowS: number) => Calendar;

/** Lists the time zones that the policy reads and this Node.js does not know. */
export function findUnknownZones(references: readonly InputReference[]): readonly string[] {
  return [...fieldsByZone(references).keys()].filter((zone) => !isTimeZone(zone));
}

/**
 * Creates the function that makes the calendar; gives undefined if the policy reads none.
 *
 * Making a formatter takes a hundred times as long as using it, so there is one for each zone.
 *
 * @param references - The fields that the policy reads, such as `["calendar", "Europe/Berlin", "hour"]`.
 * @throws If {@link findUnknownZones} finds a zone.
 */
export function createToCalendar(references: readonly InputReference[]): ToCalendar | undefined {
  const zones = [...fieldsByZone(references)].map(([zone, names]) => ({ zone, names, toFields: createToFields(zone) }));
  if (zones.length === 0) return undefined;
  let last: { readonly minute: number; readonly calendar: Calendar } | undefined;
  return function toCalendar(nowS) {
    // No field changes within a minute, and formatting takes as long as several decisions.
    const minute = Math.floor(nowS / 60);
    if (last?.minute === minute) return last.calendar;
    const entries = zones.map(({ zone, names, toFields }) => {
      const read = Object.entries(toFields(minute * 60)).filter(([name]) => names.has(name));
      return [zone, Object.fromEntries(read)];
    });
    last = { minute, calendar: Object.fromEntries(entries) };
    return last.calendar;
  };
}

function fieldsByZone(references: readonly InputReference[]): ReadonlyMap<string, ReadonlySet<string>> {
  const zones = new Map<string, Set<string>>();
  for (const [root, zone, field] of references) {
    if (root !== "calendar" || zone === undefined || field === undefined) continue;
    zones.set(zone, (zones.get(zone) ?? new Set()).add(field));
  }
  return zones;
}

function createToFields(zone: string): (nowS: number) => Required<Fields> {
  const format = new Intl.DateTimeFormat("en-US-u-ca-gregory-nu-latn", {
    timeZone: zone,
    hourCycle: "h23",
    year: "numeric",
    month: "2-digit",
    day: "2-digit",
    hour: "2-digit",
    minute: "2-digit",
    weekday: "long",
  });
  return function toFields(nowS) {
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
  };
}

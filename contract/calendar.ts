/** The fields of `input.calendar["<zone>"]`, by whether they are numbers. */
export const CALENDAR_FIELDS = {
  year: "number",
  month: "number",
  day: "number",
  hour: "number",
  minute: "number",
  weekday: "text",
  date: "text",
} as const satisfies Readonly<Record<string, "number" | "text">>;

/**
 * Creates the formatter of a time zone by its IANA name, such as `Europe/Berlin`; gives undefined if this Node.js does not know
 * the zone.
 *
 * Offsets like `+01:00` do not count: some versions of Node.js take them and others do not.
 */
export function createZoneFormat(zone: string): Intl.DateTimeFormat | undefined {
  if (!/^[A-Za-z]/.test(zone)) return undefined;
  try {
    return new Intl.DateTimeFormat("en-US-u-ca-gregory-nu-latn", {
      timeZone: zone,
      hourCycle: "h23",
      year: "numeric",
      month: "2-digit",
      day: "2-digit",
      hour: "2-digit",
      minute: "2-digit",
      weekday: "long",
    });
  } catch {
    return undefined;
  }
}

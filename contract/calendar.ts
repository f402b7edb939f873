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
 * Tells whether this Node.js knows a time zone by its IANA name, such as `Europe/Berlin`.
 *
 * Offsets like `+01:00` do not count: some versions of Node.js take them and others do not.
 */
export function isTimeZone(name: string): boolean {
  if (!/^[A-Za-z]/.test(name)) return false;
  try {
    return new Intl.DateTimeFormat("en", { timeZone: name }).resolvedOptions().timeZone !== "";
  } catch {
    return false;
  }
}

import { basename, dirname } from "node:path/posix";
import { toAllowed } from "./rooms.ts";

/** Formats the linter's configuration, which refuses every import that {@link toAllowed} does not list. */
export function formatFences(): string {
  const allowed = toAllowed();
  const overrides = [...allowed].map(([room, rooms]) => {
    const inside = [...allowed.keys()].filter((other) => dirname(other) === room);
    const forbidden = [...allowed.keys()].filter((other) => other !== room && !rooms.includes(other));
    const group = [
      ...forbidden.flatMap((other) => patternsOf(room, other, isParent(other, allowed))),
      // A forbidden room and an allowed one can have the same last part of their names.
      ...rooms.filter((other) => other.includes("/")).map((other) => `!**/${other}/**`),
    ];
    const message = `${room}/ may import ${formatRooms(rooms)}: see dev/rooms.ts.`;
    return {
      includes: [`${room}/**`, ...inside.map((other) => `!${other}/**`)],
      linter: {
        rules: {
          style: {
            noRestrictedImports: { level: "error", options: { patterns: [{ group, message }] } },
          },
        },
      },
    };
  });
  return `${JSON.stringify({ $schema: "../node_modules/@biomejs/biome/configuration_schema.json", overrides }, null, 2)}\n`;
}

/** Makes the patterns for every way to import a room: from a file of the importing room, and from one in a folder of it. */
function patternsOf(room: string, other: string, hasRooms: boolean): readonly string[] {
  const files = hasRooms ? "*.ts" : "**";
  if (dirname(room) === other) return ["../*.ts", "../../*.ts"];
  const isNear = dirname(other) === room || (dirname(other) === dirname(room) && dirname(room) !== ".");
  return isNear ? [`**/${basename(other)}/${files}`] : [`**/${other}/${files}`];
}

function isParent(room: string, rooms: ReadonlyMap<string, unknown>): boolean {
  return [...rooms.keys()].some((other) => dirname(other) === room);
}

function formatRooms(rooms: readonly string[]): string {
  return rooms.length === 0 ? "nothing but itself" : rooms.join(", ");
}

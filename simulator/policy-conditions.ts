import { BlockList, isIP } from "node:net";

/** The parts of a request that a resource policy can refer to. */
export interface RequestFacts {
  readonly arn: string;
  readonly sourceIp: string;
  /** The VPC endpoint of a request to a private API. */
  readonly vpcEndpoint?: string | undefined;
}

/** A condition of a statement: its operator, its key, and the values of which one has to match. */
interface Condition {
  readonly operator: string;
  readonly key: string;
  readonly values: readonly unknown[];
}

/** The operators and keys that are modelled. The operators with `Not` are the negations of the others. */
export const MODELLED = [
  "IpAddress aws:SourceIp",
  "NotIpAddress aws:SourceIp",
  "StringEquals aws:SourceVpce",
  "StringNotEquals aws:SourceVpce",
];

/** Lists the conditions of a statement, all of which have to hold. */
export function listConditions(conditions: object): readonly Condition[] {
  return Object.entries(conditions).flatMap(([operator, keys]) =>
    Object.entries(Object(keys)).map(([key, values]) => ({ operator, key, values: [values].flat() })),
  );
}

/** Tells whether the simulator can evaluate a condition. */
export function isModelled({ operator, key, values }: Condition): boolean {
  return MODELLED.includes(`${operator} ${key}`) && (!operator.endsWith("IpAddress") || values.every(isBlock));
}

/** Tells whether a condition holds. A negated one holds where the request has no such key, as IAM defines it. */
export function holds({ operator, values }: Condition, { sourceIp, vpcEndpoint }: RequestFacts): boolean {
  const isIn = operator.endsWith("IpAddress")
    ? values.some((block) => isWithin(sourceIp, String(block)))
    : values.includes(vpcEndpoint);
  return operator.includes("Not") ? !isIn : isIn;
}

/** Tells whether a text is an address, or an address with the length of a prefix. */
function isBlock(value: unknown): boolean {
  const [, start = "", bits = "0"] = /^([^/]*)(?:\/(\d{1,3}))?$/.exec(String(value)) ?? [];
  return isIP(start) > 0 && Number(bits) <= (isIP(start) === 6 ? 128 : 32);
}

function isWithin(address: string, block: string): boolean {
  const [start = "", bits] = block.split("/");
  const family = isIP(start) === 6 ? "ipv6" : "ipv4";
  const blocks = new BlockList();
  blocks.addSubnet(start, bits === undefined ? (family === "ipv6" ? 128 : 32) : Number(bits), family);
  return isIP(address) > 0 && blocks.check(address, isIP(address) === 6 ? "ipv6" : "ipv4");
}

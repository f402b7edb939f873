/** Tells whether a security scheme has the name of one that was written for a contract. */
export function isOwnName(name: string): boolean {
  return /^policy-.+-[0-9a-f]{12}$/.test(name);
}

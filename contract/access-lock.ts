/** The file with the access of a policy, in the company's folder. */
export const LOCK_FILE = "access.lock";

// The least that a handler can be: its start is what Node itself takes.

export async function handler() {
  return undefined;
}

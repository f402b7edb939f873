// Tests connect only to their own servers on this machine.
const fetchAnything = globalThis.fetch;
globalThis.fetch = (input, init) => {
  const { hostname } = new URL(input instanceof Request ? input.url : input);
  return hostname === "127.0.0.1"
    ? fetchAnything(input, init)
    : Promise.reject(new Error(`${hostname} is not for tests`));
};

/** Creates a function that remembers what another one gives, by a key. */
export function createMemory<Given, Key, Made>(
  make: (given: Given) => Made,
  toKey: (given: Given) => Key,
): (given: Given) => Made {
  const known = new Map<Key, Made>();
  return (given) => {
    const key = toKey(given);
    const found = known.get(key);
    if (found !== undefined) return found;
    const made = make(given);
    known.set(key, made);
    return made;
  };
}

/** Creates a function that remembers what another one gives for an object, as long as the object is in use. */
export function createObjectMemory<Given extends object, Made>(make: (given: Given) => Made): (given: Given) => Made {
  const known = new WeakMap<Given, Made>();
  return (given) => {
    const found = known.get(given);
    if (found !== undefined) return found;
    const made = make(given);
    known.set(given, made);
    return made;
  };
}

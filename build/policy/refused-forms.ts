/** What is refused: what it does, and what to write instead. */
export const FORMS = {
  default: "`default` is what a rule is when everything it reads is missing; leave it out",
  else: "`else` holds because something else does not; write a second rule of that name",
  collection:
    "a helper that collects a set or an object is there, and empty, when what it reads is missing; write a complete rule or a function",
  ignored: "this takes whatever there is, null and what is empty among it; name what it takes, and ask something of it",
  repeated:
    "a name that stands twice is one value, and two that are missing or mistyped alike are; name both and compare them",
  not: "`not` holds when what it reads is missing; name the good case and ask for that",
  with: "`with` replaces what was sent; leave it out",
  every: "`every` holds of an empty list; ask for one item with `some`, or for the value as a whole",
  unequal: "`!=` holds between a value and one of another type; ask for the values that are good",
  unify: "`=` compares or assigns, whatever is missing; write `==` or `:=`",
  order:
    "every string is greater than every number, so numbers only are compared: wrap what is none by its form in values.number(…) of data.engine.values",
  difference:
    "what is left of a set can be nothing, like `not`; numbers only are subtracted: wrap what is none by its form in values.number(…) of data.engine.values",
  count: "count answers for text and for empty values too; ask for an item with `some` or `in`",
  untyped:
    "two values that are empty or mistyped alike are equal; compare with a literal, a parameter, a field of the request or base data, or wrap one in values.text(…) or values.number(…) of data.engine.values",
  empty: "null and empty values are missing ones; ask for the value that is good",
  part: "everything contains the empty text; look for a literal or a parameter, or wrap it in values.text(…) of data.engine.values",
  made: "a list or object made of a value that may be missing or mistyped is there whatever the value is; ask for the value itself",
  comprehension: "a comprehension is there, and empty, when what it reads is missing; ask for an item with `some`",
  nested: "a test inside of another expression can be turned around, like `not`; write it as a line of its own",
  truthy: 'a value by itself holds unless it is false, null and "false" among them; compare it with the good value',
  division: "a division by zero ends the evaluation; divide by a number that is written out",
  operands: "it is called with another number of operands than it has, which would take its answer for an operand",
} as const;

/** Functions that are asked for by habit, and do harm here. */
export const FUNCTIONS: Readonly<Record<string, string>> = {
  and: "what sets share can be nothing, like `not`; ask for an item with `some` or `in`",
  "object.get": "object.get gives its default when the value is missing; refer to the value itself",
  to_number: "to_number(null) is 0; use values.number(…) of data.engine.values",
};

/** A function that is not for conditions. */
export function refuseFunction(name: string): string {
  return `${name} is not for conditions, since it answers for values that are mistyped or empty; docs/policy-language.md lists the functions that are`;
}

/** A document that is not for conditions. */
export function refuseReference(name: string): string {
  return `${name} is not for conditions, which refer to input in full, to their own and helpers' rules by name, and to base data (data.data.…)`;
}

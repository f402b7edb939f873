/** The functions that conditions can't call, by name or family, and what to write instead. The first that matches counts. */
const ADVICE: readonly (readonly [functions: RegExp, instead: string])[] = [
  [/^object\.get$/, "object.get gives its default when the value is missing; refer to the value itself"],
  [/^to_number$/, "to_number(null) is 0; use values.number(…) of data.engine.values"],
  [
    /^time\.(parse|date$|format|weekday)/,
    'read the date of the request from input.calendar["Europe/Berlin"], whose fields are year, month, day, hour, minute, weekday and date; a date in a claim is compared as text, as in input.calendar.UTC.date == …, and a time in a claim as seconds since 1970',
  ],
  [
    /^time\./,
    'read the time from input.now_s, and the hour and weekday from input.calendar["Europe/Berlin"]; for an age, write values.within(input.now_s, …, 3600)',
  ],
  [
    /^(regex\.|re_match$|glob\.)/,
    'write startswith, endswith or contains with a text that is written out, or take the text apart by split, as in split(values.text(x), "@")[1] == "example.com"',
  ],
  [
    /^(sprintf|strings\.render_template|internal\.template_string|format_int)$/,
    'put texts together by concat, with values.text(…) around each claim, as in concat("/", ["/tenants", values.text(x), ""])',
  ],
  [
    /^strings\.any_(prefix|suffix)_match$/,
    "test one at a time: `some prefix in data.data.prefixes`, and on the next line startswith or endswith",
  ],
  [
    /^(strings\.|replace$|indexof)/,
    "take the text apart by split, substring or trim_prefix, or test it by contains, startswith or endswith",
  ],
  [
    /^(json|yaml)\./,
    "refer to the field of a claim by its name, as in input.principal.claims.plan.name; a list of values in a claim is caller.values(…)",
  ],
  [
    /^(object\.|walk$|graph\.)/,
    "refer to the field by its name, as in input.principal.claims.plan.name, or look for an item by `some … in`",
  ],
  [/^net\.lookup_ip_addr$/, "a condition can't ask a server; compare input.request.source_ip with blocks in base data"],
  [
    /^net\.(?!cidr_contains$)/,
    "write net.cidr_contains for each block, as in `some block in data.data.networks` and net.cidr_contains(block, input.request.source_ip)",
  ],
  [
    /^io\.jwt\./,
    "the authorizer has verified the token before the policy is asked; read its claims in input.principal.claims",
  ],
  [
    /^(http\.send|opa\.runtime|providers\.|rand\.)/,
    "a condition depends on the request alone and can't ask anybody; put what it needs into the token or into base data (data.data.…)",
  ],
  [
    /^(rego\.|trace$|print$|internal\.(print|test_case)$)/,
    "leave it out; `rego-authorizer opa eval` and data.engine.explanation show how a decision comes about",
  ],
  [
    /^(crypto|base64|base64url|hex|urlquery|uri|uuid|graphql)\./,
    "compare the text as it is sent, or let the issuer write what you need into a claim of its own",
  ],
  [/^semver\./, 'compare the parts as numbers, as in values.number(split(values.text(x), ".")[0]) >= 2'],
  [/^units\./, "write the number in its smallest unit, and read it by values.number(…)"],
  [
    /^(is_null|type_name|cast_null)$/,
    "null counts as missing; test for the good value, or that there is one of its type by values.text(…) or values.number(…)",
  ],
  [/^cast_/, "read the value as one type by values.text(…) or values.number(…) of data.engine.values"],
  [
    /^(max|min|sort|sum|product|all|any)$/,
    "it has a result for empty and mixed lists; test for one item by `some … in` or `in`, and compare numbers one at a time with values.number(…)",
  ],
  [
    /^(and|or|intersection|union|set_diff|array\.)/,
    "a set or list that is put together has a value though its parts are missing; test for an item by `some … in` or `in`",
  ],
  [
    /^(numbers\.|ceil$|round$|bits\.)/,
    "compare the number itself with the limits, as in values.number(x) >= 1 and values.number(x) <= 5",
  ],
  [/^(eq|neq)$/, "compare by == with the good value"],
];

/** Says what to write instead of a function that conditions can't call; undefined for one that no version of OPA had so far. */
export function findAdvice(name: string): string | undefined {
  return ADVICE.find(([functions]) => functions.test(name))?.[1];
}

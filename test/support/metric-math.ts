/**
 * Evaluates an expression of CloudWatch's metric math for one datapoint. It knows what the alarms use: numbers, metrics by id, `+ - * / ^`,
 * `>=`, `AND`, `FILL` and `IF`. A metric without a datapoint is undefined, and so is what is computed from it.
 *
 * @see CloudWatch user guide, "Using math expressions with CloudWatch metrics"
 */
export function evaluateMath(
  expression: string,
  metrics: Readonly<Record<string, number | undefined>>,
): number | undefined {
  const tokens = expression.match(/[A-Za-z_]\w*|\d+(?:\.\d+)?|>=|[-+*/^(),]/g) ?? [];
  let at = 0;
  const next = () => tokens[at++];
  const take = (token: string) => {
    if (next() !== token) throw new Error(`${token} is missing in ${expression}`);
  };

  function binary(
    operand: () => number | undefined,
    operators: Readonly<Record<string, (one: number, other: number) => number>>,
  ): () => number | undefined {
    return () => {
      let value = operand();
      for (let apply = operators[tokens[at] ?? ""]; apply !== undefined; apply = operators[tokens[at] ?? ""]) {
        at += 1;
        const other = operand();
        value = value === undefined || other === undefined ? undefined : apply(value, other);
      }
      return value;
    };
  }

  function primary(): number | undefined {
    const token = next() ?? "";
    if (token === "(") return closed(all());
    if (/^\d/.test(token)) return Number(token);
    if (token === "FILL") {
      take("(");
      const value = all();
      take(",");
      const filler = all();
      take(")");
      return value ?? filler;
    }
    if (token === "IF") {
      take("(");
      const condition = all();
      take(",");
      const yes = all();
      take(",");
      const no = closed(all());
      return condition === undefined ? undefined : condition === 0 ? no : yes;
    }
    if (!Object.hasOwn(metrics, token)) throw new Error(`${token} is not a metric of ${expression}`);
    return metrics[token];
  }

  function closed(value: number | undefined): number | undefined {
    take(")");
    return value;
  }

  const power = binary(primary, { "^": (one, other) => one ** other });
  const product = binary(power, { "*": (one, other) => one * other, "/": (one, other) => one / other });
  const sum = binary(product, { "+": (one, other) => one + other, "-": (one, other) => one - other });
  const comparison = binary(sum, { ">=": (one, other) => Number(one >= other) });
  const all = binary(comparison, { AND: (one, other) => Number(one !== 0 && other !== 0) });
  const value = all();
  if (at !== tokens.length) throw new Error(`unknown syntax in ${expression} at ${tokens[at]}`);
  return value;
}

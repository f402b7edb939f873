import { cp, mkdir, readdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { checkPackage, createPackageFromTarballData } from "@arethetypeswrong/core";
import { publint } from "publint";
import { formatMessage } from "publint/utils";
import { beforeAll, describe, expect, it } from "vitest";
import { companyIn, runIn, setType } from "./company.ts";

const folder = process.env["E2E_PACKAGE"] ?? "";
const company = companyIn(folder);
const { root, nodes } = company;
const bin = join(root, "node_modules", ".bin");
/** The whole matrix takes six minutes; without it, the two module systems that differ most are tried on the oldest Node. */
const isWhole = process.env["E2E_PACKAGE_WHOLE"] === "yes";
const supported = Object.keys(nodes).filter((version) => version !== "18");

const runCommand = (version: string, ...args: readonly string[]) =>
  runIn(root, nodes[version] ?? "", join(bin, "rego-authorizer"), ...args);

describe("the tarball", () => {
  it("has no problem that publint finds", async () => {
    const file = await readFile(company.tarball);
    const tarball = file.buffer.slice(file.byteOffset, file.byteOffset + file.byteLength);
    const { messages, pkg } = await publint({ pack: { tarball } });
    expect(messages.map((message) => formatMessage(message, pkg))).toEqual([]);
  });

  it("has the types that each module system resolves", async () => {
    const checked = await checkPackage(createPackageFromTarballData(new Uint8Array(await readFile(company.tarball))));
    expect(checked).toMatchObject({ packageName: "rego-authorizer", types: { kind: "included" }, problems: [] });
  });

  it("has compiled files, and no sources, tests or policies of the sample", async () => {
    const { stdout } = await runIn(folder, "tar", "tzf", company.tarball);
    const files = stdout.trim().split("\n");
    expect(files.filter((file) => file.endsWith(".ts") && !file.endsWith(".d.ts"))).toEqual([]);
    const folders = new Set(files.map((file) => file.split("/").slice(1, -1)[0]));
    expect([...folders].sort().filter((one) => one !== undefined)).toEqual(
      expect.arrayContaining(["bin", "docs", "lib", "policies"]),
    );
    // The source of a module of Terraform is a folder of the installed package.
    const module = ["contract", "function", "invocation", "outputs", "variables", "versions", "flush/main"];
    expect(files).toEqual(expect.arrayContaining(module.map((name) => `package/infra/terraform/${name}.tf`)));
    expect(files.filter((file) => /^package\/(test|dev|bench|policies\/access)\//.test(file))).toEqual([]);
  });

  it("brings no other node into the company's .bin", async () => {
    const names = await readdir(bin);
    expect(names).toContain("rego-authorizer");
    expect(names).not.toContain("node");
  });
});

describe.each(supported)("on Node %s", (version) => {
  it("the commands work in a folder with a space and an umlaut", async () => {
    expect(await runCommand(version, "lock")).toMatchObject({ exit: 0 });
    expect(await runCommand(version, "check")).toMatchObject({ exit: 0, stderr: "" });
    expect(await runCommand(version, "build")).toMatchObject({ exit: 0, stderr: "" });
    expect(await runCommand(version, "test")).toMatchObject({ exit: 0 });
    expect(await runCommand(version, "cache-contract")).toMatchObject({ exit: 0, stderr: "" });
    expect(await runCommand(version, "iam")).toMatchObject({ exit: 0, stderr: "" });
    expect(await runCommand(version, "opa", "version")).toMatchObject({ exit: 0 });
    expect(await runCommand(version, "chekc")).toMatchObject({ exit: 2, stderr: expect.stringContaining("check") });
  });

  it("the build gives the same bytes as in the repository", async () => {
    await runCommand(version, "build");
    for (const file of ["authorizer.zip", "bundle.tar.gz", "iam.json", "routes.json", "sbom.cdx.json"]) {
      const built = await readFile(join(root, "dist", file));
      expect([file, built.equals(await readFile(join(company.dist, file)))]).toEqual([file, true]);
    }
  });
});

it.runIf(nodes["18"] !== undefined)("an old Node gets one line", async () => {
  const { exit, stdout, stderr } = await runCommand("18", "check");
  expect({ exit, stdout, stderr }).toEqual({
    exit: 2,
    stdout: "",
    stderr: "rego-authorizer needs Node 20.19 or later; this is Node 18.20.8\n",
  });
});

describe("a CDK app", () => {
  beforeAll(async () => {
    await runCommand("24", "build");
  });

  /** Synthesizes the app and reads its template. */
  const synthesize = async (at: string, command: string, ...args: readonly string[]) => {
    await rm(join(at, "cdk.out"), { recursive: true, force: true });
    const ran = await runIn(at, command, ...args, join("infra", "app.ts"));
    expect(ran).toMatchObject({ exit: 0 });
    // The CDK's own rules have judged the template, and take seconds each time.
    process.env["CDK_VALIDATION"] = "false";
    return JSON.parse(await readFile(join(at, "cdk.out", "Company.template.json"), "utf8"));
  };
  const tsx = join(bin, "tsx");
  const [oldest = "24"] = supported;
  const ways = (isWhole ? supported : [oldest]).flatMap((version) => [
    ["module", `tsx on Node ${version}`, nodes[version] ?? "", [tsx]] as const,
    // This one checks types, too.
    ["commonjs", `ts-node on Node ${version}`, nodes[version] ?? "", [join(bin, "ts-node")]] as const,
    ...(isWhole ? [["commonjs", `tsx on Node ${version}`, nodes[version] ?? "", [tsx]] as const] : []),
  ]);

  it.each([...ways, ["module", "Node's own type stripping", process.execPath, []] as const])(
    "of type %s is synthesized with %s",
    async (type, _name, node, args) => {
      await setType(company, type);
      await writeConfig(
        type === "module" ? { module: "nodenext" } : { module: "commonjs", moduleResolution: "node10" },
      );
      const { Resources } = await synthesize(root, node, ...args);
      const methods = Object.values<{ Type: string; Properties: object }>(Resources).filter(
        ({ Type }) => Type === "AWS::ApiGateway::Method",
      );
      expect(methods.map(({ Properties }) => Properties)).toMatchObject([{ AuthorizationType: "CUSTOM" }]);
    },
  );

  const configs = [
    ["module", { module: "nodenext" }],
    ["commonjs", { module: "commonjs", moduleResolution: "node10" }],
    ["module", { module: "esnext", moduleResolution: "bundler" }],
    ["module", { module: "esnext", moduleResolution: "bundler", noUncheckedIndexedAccess: true }],
    ["commonjs", { module: "nodenext" }],
    ["commonjs", { module: "node16" }],
  ] as const;

  it.each(isWhole ? configs : configs.slice(0, 1))(
    "of type %s passes the compiler with %j, but for a mistake of its own",
    async (type, options) => {
      await setType(company, type);
      await writeConfig(options);
      const file = join(root, "infra", "mistake.ts");
      const mistake = "export const name: string = PolicyAuthorizer;";
      await writeFile(file, `import { PolicyAuthorizer } from "rego-authorizer/cdk";\n${mistake}\n`);
      const { exit, stdout } = await runIn(root, join(bin, "tsc"), "--project", ".");
      await rm(file);
      const errors = stdout.split("\n").filter((line) => /: error TS\d+: /.test(line));
      expect({ exit, errors }).toEqual({
        exit: 2,
        errors: [expect.stringMatching(/^infra\/mistake\.ts\(2,14\): error TS2322: /)],
      });
    },
  );

  it("with a second copy of aws-cdk-lib has the same template", async () => {
    await setType(company, "module");
    const other = join(root, "packages", "api");
    await mkdir(join(other, "node_modules"), { recursive: true });
    for (const library of ["aws-cdk-lib", "constructs"])
      await cp(join(root, "node_modules", library), join(other, "node_modules", library), { recursive: true });
    await cp(join(root, "infra"), join(other, "infra"), { recursive: true });
    await symlink(join(root, "dist"), join(other, "dist"));
    await writeFile(join(other, "package.json"), '{"type":"module"}');
    const expected = await synthesize(root, process.execPath);
    expect(await synthesize(other, process.execPath)).toEqual(expected);
  });

  it("uses the simulator and the reader of the decision log", async () => {
    for (const type of ["module", "commonjs"] as const) {
      await setType(company, type);
      expect(await runIn(root, process.execPath, tsx, join("infra", "simulated.ts"))).toMatchObject({
        exit: 0,
        stdout: "500 false\n",
      });
    }
  });
});

function writeConfig(options: object): Promise<void> {
  const compilerOptions = {
    ...{ target: "es2022", strict: true, skipLibCheck: false, noEmit: true, types: ["node"] },
    ...options,
  };
  return writeFile(join(root, "tsconfig.json"), JSON.stringify({ compilerOptions, include: ["infra"] }));
}

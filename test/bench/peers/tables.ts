import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { pathToFileURL } from "node:url";
import { VARIABLES } from "../variables.ts";

type Migrations = {
  getMigrations(options: object): Promise<{ compileMigrations(): Promise<string> }>;
};

/** The tables of better-auth as its own command makes them, a statement each. */
export const betterAuthTables = async (modules: string): Promise<string[]> => {
  const { getMigrations }: Migrations = await load(modules, "better-auth/dist/db/get-migration.mjs");
  const { compileMigrations } = await getMigrations({
    database: new DatabaseSync(":memory:"),
    baseURL: VARIABLES.AUTH_ORIGIN,
    secret: VARIABLES.AUTH_SECRET,
  });
  return (await compileMigrations()).split(";").filter((statement) => statement.trim() !== "");
};

/** The tables of Auth.js as its D1 adapter makes them. */
export const authJsTables = async (modules: string): Promise<string[]> => {
  const { upSQLStatements }: { upSQLStatements: string[] } = await load(modules, "@auth/d1-adapter/migrations.js");
  return upSQLStatements;
};

const load = (modules: string, path: string) => import(pathToFileURL(join(modules, path)).href);

import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** PEM texts of a server certificate and of the authority that signed it. */
export type Certificates = { authority: string; certificate: string; key: string };

/**
 * Makes a certificate authority and one server certificate for `names` (exact or `*.` names), valid for two days and
 * kept nowhere. P-256 keys, so that it takes milliseconds.
 *
 * @throws Error when `openssl` is not installed
 */
export function makeCertificates(names: readonly string[]): Certificates {
  const folder = mkdtempSync(join(tmpdir(), "kakao-auth-certificates-"));
  const openssl = (...words: string[]) => {
    try {
      execFileSync("openssl", words, { cwd: folder, stdio: ["ignore", "ignore", "pipe"] });
    } catch (cause) {
      throw new Error("The browser tests make their certificates with openssl, which failed. Is it installed?", {
        cause,
      });
    }
  };
  const newKey = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"];
  try {
    writeFileSync(
      join(folder, "leaf.cnf"),
      `basicConstraints=critical,CA:FALSE\nextendedKeyUsage=serverAuth\nsubjectAltName=${names.map((name) => `DNS:${name}`).join(",")}\n`,
    );
    openssl(
      "req",
      "-x509",
      ...newKey,
      "-keyout",
      "ca.key",
      "-out",
      "ca.pem",
      "-days",
      "2",
      "-subj",
      "/CN=Browser test CA",
    );
    openssl("req", ...newKey, "-keyout", "leaf.key", "-out", "leaf.csr", "-subj", "/CN=browser tests");
    openssl(
      ...["x509", "-req", "-in", "leaf.csr", "-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial"],
      ...["-out", "leaf.pem", "-days", "2", "-extfile", "leaf.cnf"],
    );
    const read = (name: string) => readFileSync(join(folder, name), "utf8");
    return { authority: read("ca.pem"), certificate: read("leaf.pem"), key: read("leaf.key") };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

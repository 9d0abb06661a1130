import { createServer } from "node:net";

/**
 * The first free TCP port from `wanted` on, skipping those already promised to another server.
 *
 * A port counts as free only when no program holds it on IPv4, on IPv6 or on every address: a browser tries them all
 * for `localhost`, and would otherwise reach the other program.
 *
 * @throws Error when 50 ports in a row are taken.
 */
export async function freePort(wanted: number, promised: ReadonlySet<number>): Promise<number> {
  for (let port = wanted; port < wanted + 50; port++) {
    if (!promised.has(port) && (await isFree(port))) {
      return port;
    }
  }
  throw new Error(`No free port between ${wanted} and ${wanted + 49}. Stop a program that uses one and try again.`);
}

async function isFree(port: number): Promise<boolean> {
  for (const address of ["127.0.0.1", "::1", "0.0.0.0"]) {
    if (!(await canListen(port, address))) {
      return false;
    }
  }
  return true;
}

function canListen(port: number, address: string): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = createServer();
    // A machine without IPv6 has nobody listening there either.
    probe.once("error", (error: NodeJS.ErrnoException) =>
      resolve(error.code !== "EADDRINUSE" && error.code !== "EACCES"),
    );
    probe.listen({ port, host: address, exclusive: true }, () => probe.close(() => resolve(true)));
  });
}

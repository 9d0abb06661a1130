import { freePort } from "./ports.ts";

/** Where everything of the demo listens. Origins have no trailing slash. */
export type Addresses = {
  worker: { port: number; origin: string };
  sameSite: { port: number; origin: string };
  otherSite: { port: number; origin: string };
  simulator: { port: number; origin: string };
  /** What to tell about ports that another program holds, one line each. */
  moved: string[];
};

/**
 * Chooses the ports: the usual ones, or the next free ones.
 *
 * To a browser `http://localhost:A` and `http://localhost:B` are one site and two origins, and `http://127.0.0.1:C` is
 * another site: both kinds of front end on one computer, without host names or certificates.
 */
export async function chooseAddresses(): Promise<Addresses> {
  const moved: string[] = [];
  const promised = new Set<number>();

  const choose = async (what: string, hostname: string, wanted: number) => {
    const port = await freePort(wanted, promised);
    promised.add(port);
    if (port !== wanted) {
      moved.push(`Port ${wanted} is taken by another program, so ${what} uses ${port}.`);
    }
    return { port, origin: `http://${hostname}:${port}` };
  };

  return {
    worker: await choose("the Worker", "localhost", 8787),
    sameSite: await choose("the first front end", "localhost", 5173),
    otherSite: await choose("the second front end", "127.0.0.1", 5174),
    simulator: await choose("the Kakao simulator", "localhost", 8788),
    moved,
  };
}

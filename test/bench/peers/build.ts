import { join } from "node:path";
import { buildPeer } from "../bundles.ts";
import { type BenchWorker, compatibility } from "../runtime.ts";
import { PEERS, type Peer } from "./peers.ts";

/** A peer with its Workers built, ready to run: by itself, and on a watched D1. */
export type BuiltPeer = { peer: Peer; plain: string; watched: string; foreign: BenchWorker["foreign"] | null };

/**
 * Builds all peers.
 *
 * @param modules where their packages lie
 */
export const buildPeers = (modules: string, outputFolder: string): Promise<BuiltPeer[]> =>
  Promise.all(
    PEERS.map(async (peer) => {
      const tables = await peer.tables?.(modules);
      const flags = peer.flags ?? compatibility().compatibilityFlags;
      const scripts = await buildPeer(peer.entry, modules, join(outputFolder, peer.name));
      return { peer, ...scripts, foreign: tables ? { tables, flags } : null };
    }),
  );

import { type Connection, getRequest } from "../connection.ts";
import type { Distance, FarAway } from "../distance.ts";
import { timed } from "../load.ts";
import { median } from "../statistics.ts";

const TIMES = 20;
const PLACES = ["d1", "kakao"] as const;

/** A wait is right when it is by no less and by at most so many milliseconds longer than it should be. */
const TOLERANCE_MILLISECONDS = 0.3;
const ATTEMPTS = 5;

/**
 * Sets the distance so that a wait lasts what it says as the Worker sees it. On a busy machine it may miss that by a
 * little; the report says what the waits were.
 *
 * @param connection to a watched Worker
 */
export const calibrate = async (connection: Connection, distance: Distance): Promise<void> => {
  for (const place of PLACES) {
    for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
      const excess = (await measureWait(connection, place)) - distance.waits[place];
      if (excess >= 0 && excess <= TOLERANCE_MILLISECONDS) break;
      distance.early[place] += excess - TOLERANCE_MILLISECONDS / 2;
    }
  }
};

/** Milliseconds that each wait lasts in truth, as the Worker sees it: medians. */
export const measureWaits = async (connection: Connection): Promise<Record<FarAway, number>> => ({
  d1: await measureWait(connection, "d1"),
  kakao: await measureWait(connection, "kakao"),
});

/** An answer that waited, less one that did not: what the client itself takes is no part of the wait. */
const measureWait = async (connection: Connection, place: FarAway): Promise<number> => {
  const waited: number[] = [];
  const near: number[] = [];
  for (let index = 0; index < TIMES; index += 1) {
    waited.push((await timed(connection, getRequest(`/bench/wait/${place}`, {}))).milliseconds);
    near.push((await timed(connection, getRequest("/bench/nothing", {}))).milliseconds);
  }
  return median(waited) - median(near);
};

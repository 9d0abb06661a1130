import { setTimeout as wait } from "node:timers/promises";
import { type Answer, type Connection, openConnection } from "./connection.ts";

/** Who is asked, and what. */
export type Load = { connections: readonly Connection[]; next: () => Buffer };

/** These requests in turn, for ever: who goes on later goes on where the turn was. */
export const inTurn = (requests: readonly Buffer[]): (() => Buffer) => {
  let index = 0;
  return () => {
    const request = requests[index % requests.length];
    if (request === undefined) throw new Error("a load needs a request");
    index += 1;
    return request;
  };
};

const CONNECTIONS = 16;

export const openConnections = (port: number): Promise<Connection[]> =>
  Promise.all(Array.from({ length: CONNECTIONS }, () => openConnection(port)));

/** Whatever is measured has to be a success: an error is answered faster than any check. */
export const expectSuccess = (answer: Answer): Answer => {
  if (answer.status >= 200 && answer.status < 300) return answer;
  throw new Error(`a measured request was answered with ${answer.status}: ${answer.body.slice(0, 300)}`);
};

/** Asks as fast as the answers come, on all connections at once, for `milliseconds`. Returns the number of answers. */
export const saturate = async ({ connections, next }: Load, milliseconds: number): Promise<number> => {
  const end = performance.now() + milliseconds;
  let answers = 0;
  const run = async (connection: Connection): Promise<void> => {
    while (performance.now() < end) {
      answers += 1;
      expectSuccess(await connection.ask(next()));
    }
  };
  await Promise.all(connections.map(run));
  return answers;
};

/** Milliseconds from the first byte sent to the last one received. */
export const timed = async (
  connection: Connection,
  request: Buffer,
): Promise<{ answer: Answer; milliseconds: number }> => {
  await connection.open();
  const began = performance.now();
  const answer = await connection.ask(request);
  return { answer, milliseconds: performance.now() - began };
};

/** Does `step` at a steady pace, `count` times; a late one is followed at once by the next. */
export const atPace = async (
  perSecond: number,
  count: number,
  step: (index: number) => Promise<void>,
): Promise<void> => {
  const began = performance.now();
  for (let index = 0; index < count; index += 1) {
    const early = began + (index * 1000) / perSecond - performance.now();
    if (early > 0) await wait(early);
    await step(index);
  }
};

import { createConnection, type Socket } from "node:net";

export type Answer = { status: number; head: string; body: string };

/**
 * One kept-alive HTTP/1.1 connection. One request at a time: `ask` again only after the answer. workerd closes a
 * connection that was idle for 5 s; `open` opens it again if need be, so that `ask` need not.
 */
export type Connection = { open(): Promise<void>; ask(request: Buffer): Promise<Answer>; close(): void };

/**
 * Opens a connection to a Worker's socket. Written on `node:net`, because `node:http` takes more processor time for a
 * request than the Worker under test, and the figures would be the client's.
 *
 * @throws Error when the connection is refused; `ask` when it ends in the middle of an answer
 */
export const openConnection = async (port: number): Promise<Connection> => {
  let socket: Socket | null = null;
  let pending: { resolve: (answer: Answer) => void; reject: (error: Error) => void } | null = null;
  let received = "";

  const receive = (chunk: Buffer): void => {
    received += chunk.toString("latin1");
    const answer = readAnswer(received);
    if (answer === null) return;
    const asked = pending;
    pending = null;
    received = "";
    asked?.resolve(answer);
  };
  const end = (error?: Error): void => {
    socket = null;
    pending?.reject(error ?? new Error("the connection ended before the answer did"));
    pending = null;
  };
  const open = (): Promise<void> =>
    new Promise((resolve, reject) => {
      if (socket !== null) return resolve();
      const opening = createConnection({ port, host: "127.0.0.1", noDelay: true }, () => {
        socket = opening;
        resolve();
      });
      opening.on("data", receive);
      opening.on("error", (error) => {
        reject(error);
        end(error);
      });
      opening.on("close", () => end());
    });
  const ask = async (request: Buffer): Promise<Answer> => {
    if (socket === null) await open();
    return new Promise((resolve, reject) => {
      pending = { resolve, reject };
      socket?.write(request);
    });
  };
  await open();
  return { open, ask, close: () => socket?.destroy() };
};

/** The answer, or `null` while a part of it is missing (RFC 9112 section 6.3, as far as workerd makes use of it). */
const readAnswer = (text: string): Answer | null => {
  const end = text.indexOf("\r\n\r\n");
  if (end < 0) return null;
  const head = text.slice(0, end);
  const body = text.slice(end + 4);
  const status = Number(head.slice(9, 12));
  const length = /\r\ncontent-length: (\d+)/i.exec(head)?.[1];
  const isComplete =
    status === 204 ||
    status === 304 ||
    (length === undefined ? body.endsWith("0\r\n\r\n") : body.length >= Number(length));
  return isComplete ? { status, head, body } : null;
};

/** The bytes of a GET request as a browser of a front end sends it. */
export const getRequest = (path: string, headers: Readonly<Record<string, string>>): Buffer =>
  request("GET", path, headers, "");

/** The same for a POST; the headers name the body's type. */
export const postRequest = (path: string, headers: Readonly<Record<string, string>>, body: string): Buffer =>
  request("POST", path, { ...headers, "Content-Length": String(Buffer.byteLength(body)) }, body);

const request = (method: string, path: string, headers: Readonly<Record<string, string>>, body: string): Buffer =>
  Buffer.from(
    [
      `${method} ${path} HTTP/1.1`,
      "Host: auth.bench.test",
      ...Object.entries({ ...BROWSER, ...headers }).map(([name, value]) => `${name}: ${value}`),
      "",
      body,
    ].join("\r\n"),
  );

const BROWSER = {
  "User-Agent": "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/156.0.0.0 Safari/537.36",
  Accept: "*/*",
  "Accept-Language": "ko-KR,ko;q=0.9,en;q=0.8",
  Origin: "https://app.bench.test",
  "Sec-Fetch-Site": "same-site",
  "Sec-Fetch-Mode": "cors",
};

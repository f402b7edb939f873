import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { hostOf, type Purpose, pathOf, record } from "./client.ts";
import type { Run } from "./run.ts";

export interface Connection extends AsyncDisposable {
  /** 101 if the connection was opened. */
  readonly status: number;
  /** Sends a text of less than 126 bytes, and returns the next message. */
  readonly ask: (text: string) => Promise<string>;
}

const DEADLINE_MS = 10_000;

/**
 * Opens a connection to the WebSocket API.
 *
 * Node's own client can't set another host than the one it connects to, and does not report the status of a refusal.
 */
export async function openWebSocket(
  run: Run,
  { token, purpose = "request" }: { readonly token?: string | undefined; readonly purpose?: Purpose },
): Promise<Connection> {
  const startMs = performance.now();
  const socket = connect(run.port, "127.0.0.1").setTimeout(DEADLINE_MS);
  socket.on("timeout", () => socket.destroy(new Error(`nothing came for ${DEADLINE_MS / 1000} s`)));
  await once(socket, "connect");
  const lines = [
    `GET ${pathOf("websocket", "")} HTTP/1.1`,
    `Host: ${hostOf(run, "websocket")}`,
    "Connection: Upgrade",
    "Upgrade: websocket",
    "Sec-WebSocket-Version: 13",
    `Sec-WebSocket-Key: ${randomBytes(16).toString("base64")}`,
    ...(token === undefined ? [] : [`Authorization: Bearer ${token}`]),
  ];
  socket.write(`${lines.join("\r\n")}\r\n\r\n`);
  let received = await readUntil(socket, Buffer.alloc(0), (bytes) => bytes.includes("\r\n\r\n"));
  const status = Number(/^HTTP\/1\.1 (\d{3})/.exec(received.toString("latin1"))?.[1]);
  received = received.subarray(received.indexOf("\r\n\r\n") + 4);
  record(run, { api: "websocket", purpose, status, elapsedMs: performance.now() - startMs });
  return {
    status,
    async ask(text) {
      socket.write(toFrame(text));
      received = await readUntil(socket, received, (bytes) => frameIn(bytes) !== undefined);
      const frame = frameIn(received);
      received = received.subarray(frame?.end);
      return frame?.text ?? "";
    },
    async [Symbol.asyncDispose]() {
      socket.destroy();
    },
  };
}

async function readUntil(socket: Socket, start: Buffer, isEnough: (bytes: Buffer) => boolean): Promise<Buffer> {
  let bytes = start;
  while (!isEnough(bytes)) {
    const [chunk] = await once(socket, "data");
    bytes = Buffer.concat([bytes, chunk]);
  }
  return bytes;
}

/** Masks a text as a client must (RFC 6455, section 5.2); a mask of zeros leaves it as it is. */
function toFrame(text: string): Buffer {
  const payload = Buffer.from(text);
  return Buffer.concat([Buffer.from([0x81, 0x80 | payload.length, 0, 0, 0, 0]), payload]);
}

function frameIn(bytes: Buffer): { readonly text: string; readonly end: number } | undefined {
  const [, short] = bytes;
  if (short === undefined || (short === 126 && bytes.length < 4)) return undefined;
  const [start, length] = short === 126 ? [4, bytes.readUInt16BE(2)] : [2, short];
  const end = start + length;
  return bytes.length < end ? undefined : { text: bytes.toString("utf8", start, end), end };
}

// A WebSocket client (RFC 6455) with request headers, which Node's own has not in every version. Text only, one size limit.
import { createHash, randomBytes } from "node:crypto";
import http from "node:http";
import https from "node:https";

const ACCEPT = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
const [CONTINUED, TEXT, BINARY, CLOSE, PING, PONG] = [0, 1, 2, 8, 9, 10];

/**
 * Dials `url` (ws: or wss:) and tells `on.open()`, `on.text(string)`, `on.heard()` for every byte that came, and once, whatever
 * happened, `on.closed({ code, reason, status })`; `status` is the HTTP status of a refused handshake, 0 if there was none.
 */
export function dial(url, headers, on, { handshakeMs = 10_000, limit = 1 << 20 } = {}) {
  const key = randomBytes(16).toString("base64");
  const target = new URL(url);
  target.protocol = target.protocol === "wss:" ? "https:" : "http:";
  const request = (target.protocol === "https:" ? https : http).request(target, {
    headers: { ...headers, Connection: "Upgrade", Upgrade: "websocket", "Sec-WebSocket-Key": key, "Sec-WebSocket-Version": "13" },
    agent: false,
  });
  const timer = setTimeout(() => request.destroy(new Error("no answer to the handshake")), handshakeMs);
  let wire = null;
  let over = false;

  const finish = (code, reason, status = 0) => {
    if (over) return;
    over = true;
    clearTimeout(timer);
    if (wire) wire.destroySoon(); // what was written, a goodbye too, still leaves
    else request.destroy();
    on.closed({ code, reason, status });
  };
  const write = (opcode, payload) => {
    if (wire?.writable) wire.write(frame(opcode, payload));
  };
  const fail = (code, reason) => {
    write(CLOSE, closing(code, reason));
    finish(code, reason);
  };

  request.on("error", (error) => finish(1006, error.message));
  request.on("response", (response) => {
    response.resume();
    finish(1006, `the handshake was answered with ${response.statusCode}`, response.statusCode);
  });
  request.on("upgrade", (response, socket, head) => {
    const expected = createHash("sha1").update(key + ACCEPT).digest("base64");
    wire = socket;
    wire.on("error", (error) => finish(1006, error.message));
    wire.on("close", () => finish(1006, "the line was cut"));
    wire.on("end", () => finish(1006, "the line was cut"));
    if (response.headers["sec-websocket-accept"] !== expected) return finish(1006, "this is no WebSocket server");
    clearTimeout(timer);
    wire.setNoDelay(true);
    wire.setTimeout(0);
    const read = reader(limit, fail, (opcode, payload) => {
      if (opcode === TEXT) on.text(payload);
      else if (opcode === PING) write(PONG, payload);
      else if (opcode === CLOSE) {
        const code = payload.length > 1 ? payload.readUInt16BE() : 1005;
        write(CLOSE, payload.subarray(0, 2));
        finish(code, payload.subarray(2).toString());
      }
    });
    wire.on("data", (bytes) => {
      on.heard();
      if (!over) read(bytes);
    });
    on.open();
    if (head.length && !over) read(head);
  });
  request.end();

  return {
    send: (text) => write(TEXT, Buffer.from(text)),
    ping: () => write(PING, Buffer.alloc(0)),
    /** Bytes that the network has not taken yet. */
    get waiting() {
      return wire?.writableLength ?? 0;
    },
    close: (code = 1000) => fail(code, "closed here"),
    cut: (reason) => {
      finish(1006, reason);
      wire?.destroy();
    },
  };
}

/** Every frame of a client is masked. */
function frame(opcode, payload) {
  const size = payload.length;
  const extra = size < 126 ? 0 : size < 65_536 ? 2 : 8;
  const bytes = Buffer.allocUnsafe(6 + extra + size);
  bytes[0] = 0x80 | opcode;
  bytes[1] = 0x80 | (extra === 0 ? size : extra === 2 ? 126 : 127);
  if (extra === 2) bytes.writeUInt16BE(size, 2);
  if (extra === 8) bytes.writeBigUInt64BE(BigInt(size), 2);
  const mask = randomBytes(4);
  mask.copy(bytes, 2 + extra);
  for (let i = 0, at = 6 + extra; i < size; i++, at++) bytes[at] = payload[i] ^ mask[i & 3];
  return bytes;
}

function closing(code, reason) {
  const bytes = Buffer.alloc(2 + Buffer.byteLength(reason));
  bytes.writeUInt16BE(code);
  bytes.write(reason, 2);
  return bytes;
}

/** Cuts bytes into frames and puts fragments together; `got(opcode, payload)`, a text as a string. */
function reader(limit, fail, got) {
  const utf8 = new TextDecoder("utf-8", { fatal: true });
  let held = Buffer.alloc(0);
  let parts = null; // of a message in fragments
  let partsSize = 0;
  let failed = false;
  const refuse = (code, reason) => {
    failed = true;
    fail(code, reason);
  };

  const whole = (opcode, payload) => {
    if (opcode === BINARY) return;
    let text;
    try {
      text = utf8.decode(payload);
    } catch {
      return refuse(1007, "not UTF-8");
    }
    got(TEXT, text);
  };
  const take = (final, opcode, payload) => {
    if (opcode >= CLOSE) {
      if (!final || payload.length > 125 || opcode > PONG) return refuse(1002, "bad control frame");
      return got(opcode, payload);
    }
    if (opcode > BINARY || (opcode === CONTINUED) === (parts === null)) return refuse(1002, "bad fragment");
    parts ??= { opcode, bytes: [] };
    parts.bytes.push(payload);
    partsSize += payload.length;
    if (partsSize > limit) return refuse(1009, "message too big");
    if (!final) return;
    const message = parts;
    parts = null;
    partsSize = 0;
    whole(message.opcode, message.bytes.length === 1 ? message.bytes[0] : Buffer.concat(message.bytes));
  };

  return (bytes) => {
    held = held.length ? Buffer.concat([held, bytes]) : bytes;
    while (!failed && held.length >= 2) {
      const short = held[1] & 0x7f;
      const start = short < 126 ? 2 : short === 126 ? 4 : 10;
      if (held[0] & 0x70 || held[1] & 0x80) return refuse(1002, "bad frame");
      if (held.length < start) return;
      const size = short < 126 ? short : short === 126 ? held.readUInt16BE(2) : Number(held.readBigUInt64BE(2));
      if (size > limit) return refuse(1009, "message too big");
      if (held.length < start + size) return;
      const payload = held.subarray(start, start + size);
      const [final, opcode] = [Boolean(held[0] & 0x80), held[0] & 0x0f];
      held = held.subarray(start + size);
      take(final, opcode, payload);
    }
  };
}

// Joins a Pinecall agent of this process to a callcenter console. See README.md.
import { EventEmitter } from "node:events";
import { Link } from "./link.js";
import { Outbox } from "./outbox.js";
import { Uploads } from "./uploads.js";
import { whyNot } from "./verbs.js";

const OF_THE_AGENT = [
  "call.ringing", "chat.started", "whatsapp.started", "session.idleWarning", "session.timeout", "call.held", "call.unheld", "call.muted",
  "call.unmuted", "call.preparingTimeout", "memory.ops",
];
const OF_THE_CALL = ["call.forwarded", "call.dtmf_sent", "message.aborted", "credits.exhausted", "llm.tool_result"];
// Shown for a moment and never stored: the first to go when there is no room.
const PASSING = new Set([
  "bot.word", "user.speaking", "audio.metrics", "speech.started", "speech.ended", "eager.turn", "turn.pause", "turn.end", "turn.resumed",
  "turn.continued", "session.idleWarning", "connected",
]);
const REMEMBERED = 1000;

/**
 * Attaches to `agent` and dials the console. Options: `url` of the ingest socket (wss://HOST/ws/ingest/<connection>/), `token`,
 * `history(callId)` (a finished record of your store, or null), `warn(text)`, `buffer` { frames, bytes }, `retry` { first, longest } ms.
 * Returns { repair(callId), record(record), recording(callId, source), close(ms) }. Throws only for options that cannot be meant.
 */
export function bridge(pc, agent, options) {
  const { url, token, history = null, warn = (text) => console.warn(`console: ${text}`) } = options;
  const retry = { first: 500, longest: 30_000, ...options.retry };
  const base = addressOver(url, token);
  const gaps = new Set(); // calls of which the console may have missed something
  const live = new Set(); // calls that began and were not told to have ended
  const off = [];
  const known = new WeakSet();
  const answered = new Map();

  const quietly = (work) => (...args) => {
    try {
      return work(...args);
    } catch (error) {
      warn(`the bridge stumbled: ${error.message}`); // it must never end the process that owns the calls
    }
  };
  const note = (call) => call && remember(gaps, call);
  const outbox = new Outbox(agent.id, { frames: 10_000, bytes: 16 << 20, ...options.buffer }, note);
  const enqueue = (text, event, frame) => {
    const stamped = typeof frame.ts === "number" ? text : `{"ts":${Date.now() / 1000},"frame":${text}}`;
    outbox.put(stamped, !PASSING.has(event), frame.callId ?? frame.sessionId ?? "");
    link.wake();
  };
  const put = (event, data = {}) => {
    const frame = { event, ...data, agent: agent.id };
    enqueue(JSON.stringify(frame), event, frame);
  };
  const listen = (source, name, work) => {
    const guarded = quietly(work);
    source.on(name, guarded);
    off.push(() => source.off(name, guarded));
  };
  const snapshot = () => {
    put("connected");
    if (isUp(pc, agent)) put("bridge.snapshot", { calls: [...agent.calls.values()].map(identity) });
  };

  const uploads = new Uploads(base, token, retry, (text) => {
    warn(text);
    put("bridge.error", { code: "UPLOAD", message: text });
  });
  const recording = (callId, source) => uploads.add(`recordings/${encodeURIComponent(callId)}/`, "audio/wav", source);
  const record = (one) => uploads.add(`history/${encodeURIComponent(one.callId)}/`, "application/json", Buffer.from(JSON.stringify(one)));
  const repair = (callId) => {
    gaps.delete(callId);
    if (!history) return;
    uploads.add(`history/${encodeURIComponent(callId)}/`, "application/json", async () => {
      const found = await history(callId);
      return found ? Buffer.from(JSON.stringify(found)) : null;
    });
  };

  const command = quietly(({ id, command: asked }) => {
    const before = answered.get(id);
    if (before) return link.say(before);
    const error = whyNot(asked, agent) || (isUp(pc, agent) ? "" : "The agent's voice socket is down: nothing was sent.") || pass(agent, asked);
    const answer = error ? { command: id, status: "failed", error } : { command: id, status: "sent" };
    answered.set(id, answer);
    if (answered.size > REMEMBERED) answered.delete(answered.keys().next().value);
    link.say(answer);
  });
  const opened = quietly(() => {
    snapshot();
    for (const call of gaps) repair(call);
    uploads.resume();
  });
  const link = new Link(url, token, outbox, { opened, command, warn }, retry);

  // The SDK's own stream goes into a socket that never closes: what it writes while the line is down waits in the outbox.
  const tap = new Tap(quietly((text) => {
    const frame = JSON.parse(text);
    const isOurs = frame.event === "ping" || frame.event === "connected" || (frame.event === "call.ended" && !frame.callId);
    if (!isOurs) enqueue(text, frame.event, frame);
  }));
  const attach = (call) => {
    if (typeof call?.on !== "function" || known.has(call)) return;
    known.add(call);
    remember(live, call.id);
    for (const name of OF_THE_CALL) listen(call, name, (event) => put(name, fields(name, [event, call])));
    listen(call, "call.recording", (event) => event?.audio && recording(call.id, Buffer.from(event.audio, "base64")));
  };

  for (const call of agent.calls.values()) {
    note(call.id); // it began before anybody listened
    attach(call);
  }
  for (const name of OF_THE_AGENT) listen(agent, name, (...args) => put(name, fields(name, args)));
  for (const name of ["call.started", "chat.started", "whatsapp.started"]) listen(agent, name, (...args) => args.forEach(attach));
  agent.ws(tap);
  listen(agent, "call.ended", (call, reason) => {
    if (!call) return put("call.error", { error: reason });
    live.delete(call.id);
    const { duration, startedAt, endedAt, transcript } = call;
    put("bridge.transcript", { ...identity(call), reason, duration, startedAt, endedAt, transcript });
  });
  listen(pc, "error", (error) => put("bridge.error", { message: String(error?.message ?? error), code: error?.code }));
  listen(pc, "disconnected", (reason) => {
    put("bridge.voice", { up: false, reason: reason === undefined ? undefined : String(reason) });
    for (const call of live) repair(call); // the SDK forgets its calls: no end of them will be told
    live.clear();
  });
  listen(pc, "connected", () => {
    put("bridge.voice", { up: true });
    snapshot();
  });

  return {
    repair,
    record,
    recording,
    async close(ms = 5000) {
      off.splice(0).forEach((forget) => forget());
      tap.end();
      const until = Date.now() + ms;
      await uploads.close(ms);
      await link.close(Math.max(until - Date.now(), 0));
    },
  };
}

/** The HTTP address beside the socket's. The token goes into a header and nowhere else. */
function addressOver(url, token) {
  const address = new URL(url);
  if (!/^wss?:$/.test(address.protocol) || !address.pathname.includes("/ws/ingest/")) {
    throw new TypeError("url must be the console's ingest socket: wss://HOST/ws/ingest/<connection>/");
  }
  if (address.username || address.password || address.search) throw new TypeError("url must hold no secret: give the token as token");
  if (typeof token !== "string" || !/^[\x21-\x7e]+$/.test(token)) throw new TypeError("token must be the connection's token");
  address.protocol = address.protocol === "wss:" ? "https:" : "http:";
  address.pathname = address.pathname.replace("/ws/ingest/", "/ingest/").replace(/\/?$/, "/");
  return address.href;
}

/** While it is down, agent.send() would keep a command and send it minutes later. */
const isUp = (pc, agent) => pc.connected !== false && agent.registered !== false;

function remember(set, id) {
  set.add(id);
  if (set.size > REMEMBERED) set.delete(set.values().next().value);
}

function pass(agent, command) {
  try {
    agent.send(command);
    return "";
  } catch (error) {
    return `The agent did not take it: ${error.message}`;
  }
}

function identity(call) {
  const { from, to, direction, transport, metadata } = call;
  return { callId: call.id ?? call.callId, from, to, direction, transport, ...(metadata && Object.keys(metadata).length ? { metadata } : {}) };
}

const isCall = (part) => typeof part.hangup === "function" || typeof part.accept === "function";
const isSession = (part) => typeof part.setHistory === "function";

/** One flat frame of what the SDK tells a listener: the event's own fields stand before the Call's. */
function fields(name, parts) {
  let about = {};
  const own = {};
  for (const part of parts) {
    if (name === "call.unmuted" && (part === null || typeof part === "string")) own.mutedTranscript = part;
    else if (part === null || typeof part !== "object") continue;
    else if (isCall(part)) about = identity(part);
    else if (isSession(part)) Object.assign(own, { sessionId: part.id, contactPhone: part.contactPhone, contactName: part.contactName });
    else for (const [key, value] of Object.entries(part)) if (key !== "event" && typeof value !== "function") own[key] = value;
  }
  return { ...about, ...own };
}

/** What the SDK takes for an open WebSocket. */
class Tap extends EventEmitter {
  readyState = 1;

  constructor(take) {
    super();
    this.take = take;
  }

  send(text, ...rest) {
    if (this.readyState === 1) this.take(String(text));
    const done = rest.at(-1);
    if (typeof done === "function") done();
  }

  close() {
    this.end();
  }

  end() {
    this.readyState = 3;
    this.emit("close", 1000, "");
  }
}

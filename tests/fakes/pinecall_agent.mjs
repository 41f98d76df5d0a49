// An agent object as the contract describes it (C.1, C.3, D): what it raises where, what its streams write, what it takes.
import { EventEmitter } from "node:events";

// D-blocks that agent.ws writes; everything else is raised on the agent or on the Call alone.
const STREAMED = new Set([
  "call.started", "call.ended", "speech.started", "speech.ended", "user.speaking", "user.message", "turn.end", "bot.speaking", "bot.word",
  "bot.finished", "bot.interrupted", "message.confirmed", "audio.metrics", "whatsapp.message", "whatsapp.response", "session.paused",
  "session.resumed",
]);
const ON_THE_CALL_ONLY = new Set(["call.forwarded", "call.dtmf_sent", "message.aborted", "credits.exhausted", "llm.tool_result", "call.recording"]);
const WITHOUT_EVENT = new Set(["call.held", "call.unheld", "call.muted"]); // handlers get the Call alone
const EFFECTS = {
  "call.hold": () => ["call.held"],
  "call.unhold": () => ["call.unheld"],
  "call.dtmf": ({ digits }) => ["call.dtmf_sent", { digits }],
};
const OPEN = 1;

class Call extends EventEmitter {
  constructor(id, fields) {
    super();
    Object.assign(this, { id, from: "+447700900128", to: "+442079460118", direction: "inbound", transport: "phone", metadata: {} }, fields);
    Object.assign(this, { startedAt: Date.now() / 1000, transcript: [] });
  }

  hangup() {}
}

export class Agent extends EventEmitter {
  constructor(id) {
    super();
    Object.assign(this, { id, calls: new Map(), registered: true, sent: [], sockets: new Set(), seq: 0 });
  }

  ws(socket) {
    if (socket.readyState !== OPEN) return;
    socket.send(JSON.stringify({ event: "connected", agent: this.id }));
    const beat = setInterval(() => socket.send(JSON.stringify({ event: "ping" })), 25_000);
    this.sockets.add(socket);
    socket.on("close", () => {
      clearInterval(beat);
      this.sockets.delete(socket);
    });
  }

  /** Passes any object to the voice server unchanged. */
  send(command) {
    this.sent.push(command);
    this.emit("fake.sent", command);
    const effect = EFFECTS[command.event];
    if (effect && this.calls.has(command.call_id)) setImmediate(() => this.tell(command.call_id, ...effect(command)));
  }

  start(id, fields) {
    const call = new Call(id, fields);
    this.calls.set(id, call);
    this.#write("call.started", {}, call);
    this.emit("call.started", call);
    return call;
  }

  /** One event of a call, with the provider's own marks where its stream has them. */
  tell(id, event, fields = {}) {
    const call = this.calls.get(id);
    const own = { ...fields };
    if (!WITHOUT_EVENT.has(event)) Object.assign(own, { callId: id, seq: ++this.seq, ts: Date.now() / 1000 });
    if (event === "user.message") call.transcript.push({ role: "user", content: fields.text });
    if (event === "message.confirmed") call.transcript.push({ role: "assistant", content: fields.text });
    if (STREAMED.has(event)) this.#write(event, own, call);
    if (ON_THE_CALL_ONLY.has(event)) call.emit(event, own);
    else if (WITHOUT_EVENT.has(event)) this.emit(event, call);
    else this.emit(event, own, call);
  }

  end(id, reason = "hangup") {
    const call = this.calls.get(id);
    Object.assign(call, { reason, endedAt: Date.now() / 1000 });
    call.duration = Math.round((call.endedAt - call.startedAt) * 1000) / 1000;
    this.calls.delete(id);
    this.#write("call.ended", {}, call);
    this.emit("call.ended", call, reason);
  }

  /** A dial that failed leaves the SDK as an end without a call. */
  failToDial(reason) {
    for (const socket of this.sockets) socket.send(JSON.stringify({ event: "call.ended", agent: this.id }));
    this.emit("call.ended", undefined, reason);
  }

  #write(event, own, { id, from, to, direction, transport, duration, reason }) {
    const ends = { callId: id, from, to, direction, transport, ...(duration ? { duration } : {}), ...(reason ? { reason } : {}) };
    const frame = JSON.stringify({ event, ...own, ...ends, agent: this.id });
    for (const socket of this.sockets) if (socket.readyState === OPEN) socket.send(frame);
  }
}

/** The client that holds the voice socket. */
export class Client extends EventEmitter {
  connected = true;

  /** The SDK forgets its calls and announces nothing. */
  lose(agent) {
    this.connected = false;
    agent.calls.clear();
    this.emit("disconnected", "socket closed");
  }

  find() {
    this.connected = true;
    this.emit("connected");
  }
}

// The line to the console: dialled again and again, with back-off and jitter; what was not acknowledged is sent again, in order.
import { dial } from "./socket.js";

const HEARTBEAT_MS = 20_000;
const DEAD_MS = 60_000;
const FULL = 4 << 20; // bytes that may wait for the network

/** `on`: opened(), command(message), warn(text). `retry`: { first, longest } in ms. */
export class Link {
  constructor(url, token, outbox, on, retry) {
    Object.assign(this, { url, token, outbox, on, retry });
    this.wait = retry.first;
    this.isOpen = this.isClosed = this.isPlanned = false;
    this.socket = this.timer = null;
    this.refused = "";
    this.emptied = [];
    this.#dial();
  }

  /** Something waits in the outbox: what comes in the same turn shares an envelope. */
  wake() {
    if (this.isPlanned || !this.isOpen) return;
    this.isPlanned = true;
    setImmediate(() => {
      this.isPlanned = false;
      this.#pump();
    });
  }

  /** Outside of envelopes: the answer to a command. False when the line is down. */
  say(value) {
    if (this.isOpen) this.socket.send(JSON.stringify(value));
    return this.isOpen;
  }

  /** Sends what waits, for at most `ms`, and hangs up. */
  async close(ms) {
    if (!this.outbox.empty && this.isOpen) {
      await new Promise((done) => {
        this.emptied.push(done);
        setTimeout(done, ms).unref();
        this.wake();
      });
    }
    this.isClosed = true;
    clearTimeout(this.timer);
    this.socket?.close();
  }

  #dial() {
    let heard = Date.now();
    let beat = null;
    const socket = dial(this.url, { Authorization: `Bearer ${this.token}` }, {
      open: () => {
        this.isOpen = true;
        this.refused = "";
        for (const envelope of this.outbox.flying) socket.send(envelope.text);
        this.on.opened();
        this.wake();
        beat = setInterval(() => (Date.now() - heard > DEAD_MS ? socket.cut("the console is silent") : socket.ping()), HEARTBEAT_MS);
        beat.unref();
      },
      heard: () => {
        heard = Date.now();
      },
      text: (text) => this.#take(text),
      closed: ({ code, reason, status }) => {
        clearInterval(beat);
        this.isOpen = false;
        this.#again(status === 403 || status === 401 ? "the console refuses the connection or its token" : `${reason} (${status || code})`);
      },
    });
    this.socket = socket;
  }

  #again(reason) {
    if (this.isClosed) return;
    if (reason !== this.refused) this.on.warn(`The line to the console is down: ${reason}. Dialling again.`);
    this.refused = reason;
    const wait = this.wait * (0.75 + Math.random() / 2);
    this.wait = Math.min(this.wait * 2, this.retry.longest);
    this.timer = setTimeout(() => this.#dial(), wait);
  }

  #take(text) {
    let message;
    try {
      message = JSON.parse(text);
    } catch {
      return;
    }
    if (typeof message?.ack === "number") this.#acknowledged(message);
    else if (typeof message?.id === "string" && "command" in message) this.on.command(message);
  }

  #acknowledged({ ack, error, rejected }) {
    this.wait = this.retry.first;
    if (error) this.on.warn(`The console did not take an envelope: ${error}.`);
    if (rejected?.length) this.on.warn(`The console could not read ${rejected.length} frames; the first: ${rejected[0].error}`);
    this.outbox.acknowledge(ack);
    if (this.outbox.empty) this.emptied.splice(0).forEach((done) => done());
    this.wake();
  }

  #pump() {
    while (this.isOpen && this.socket.waiting < FULL) {
      const envelope = this.outbox.next();
      if (!envelope) return;
      this.socket.send(envelope.text);
    }
  }
}

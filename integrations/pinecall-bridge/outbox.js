// Frames on their way to the console: bounded, in envelopes that are kept until they are acknowledged.
import { randomUUID } from "node:crypto";

export const LARGEST = 7 << 20; // bytes of one frame; the console takes messages of 8 MiB
const ENVELOPE = { frames: 500, bytes: 512 << 10 };
const IN_FLIGHT = 8;

/** `limits`: { frames, bytes } that may wait. When they are reached, what is only shown for a moment goes first. */
export class Outbox {
  constructor(agent, limits, gap) {
    this.agent = agent;
    this.limits = limits;
    this.gap = gap; // told the call of every durable frame that is dropped
    this.stream = `bridge-${randomUUID()}`;
    this.sent = 0;
    this.waiting = [];
    this.bytes = 0;
    this.flying = []; // { id, text, frames }
    this.lost = { durable: 0, passing: 0, calls: new Set() };
  }

  get empty() {
    return !this.waiting.length && !this.flying.length;
  }

  /** `text` is the JSON of one frame; `durable`: its loss is a gap in `call`. */
  put(text, durable, call = "") {
    const bytes = Buffer.byteLength(text);
    if (bytes > LARGEST) return this.#lose({ durable, call });
    this.waiting.push({ text, bytes, durable, call });
    this.bytes += bytes;
    if (this.#isFull) this.#makeRoom();
  }

  /** The next envelope to send, null when nothing waits or enough is in flight. */
  next() {
    if (this.flying.length >= IN_FLIGHT || (!this.waiting.length && !this.#report)) return null;
    const texts = this.#report ? [this.#takeReport()] : [];
    let bytes = 0;
    let count = 0;
    for (const frame of this.waiting) {
      if (count && (count >= ENVELOPE.frames || bytes + frame.bytes > ENVELOPE.bytes)) break;
      texts.push(frame.text);
      bytes += frame.bytes;
      count++;
    }
    this.waiting.splice(0, count);
    this.bytes -= bytes;
    const id = ++this.sent;
    const envelope = { id, text: `{"stream":"${this.stream}","id":${id},"frames":[${texts.join(",")}]}` };
    this.flying.push(envelope);
    return envelope;
  }

  /** Everything up to this id is committed. */
  acknowledge(id) {
    while (this.flying.length && this.flying[0].id <= id) this.flying.shift();
  }

  get #isFull() {
    return this.waiting.length > this.limits.frames || this.bytes > this.limits.bytes;
  }

  /** Down to three quarters, so that a long outage does not look through everything for every frame. */
  #makeRoom() {
    const [frames, bytes] = [this.limits.frames * 0.75, this.limits.bytes * 0.75];
    const over = () => this.waiting.length - gone.size > frames || this.bytes > bytes;
    const gone = new Set();
    for (const durable of [false, true]) {
      for (const frame of this.waiting) {
        if (durable ? !this.#isOver(gone.size) : !over()) break;
        if (frame.durable !== durable) continue;
        gone.add(frame);
        this.bytes -= frame.bytes;
        this.#lose(frame);
      }
    }
    this.waiting = this.waiting.filter((frame) => !gone.has(frame));
  }

  /** A durable frame is dropped only where the limit itself asks for it. */
  #isOver(gone) {
    return this.waiting.length - gone > this.limits.frames || this.bytes > this.limits.bytes;
  }

  #lose({ durable, call }) {
    this.lost[durable ? "durable" : "passing"]++;
    if (!durable) return;
    if (this.lost.calls.size < 1000) this.lost.calls.add(call);
    this.gap(call);
  }

  get #report() {
    return this.lost.durable + this.lost.passing > 0;
  }

  #takeReport() {
    const { durable, passing, calls } = this.lost;
    this.lost = { durable: 0, passing: 0, calls: new Set() };
    const message = `The bridge's buffer was full: ${durable} durable frames of ${calls.size} calls and ${passing} passing ones were dropped.`;
    return JSON.stringify({ event: "bridge.error", code: "BUFFER_FULL", message, calls: [...calls].slice(0, 50), agent: this.agent });
  }
}

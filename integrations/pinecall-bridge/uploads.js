// Recordings and histories for the console's PUT doors: one after the other, streamed, tried again until they are taken. One for which
// the token does not count (401, 403) is held until the console has taken the line again.
import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";
import http from "node:http";
import https from "node:https";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";

const CHUNK = 64 << 10;
const SILENT_MS = 60_000;
const KEPT_MS = 24 * 3600_000;
const HELD = Number.MAX_SAFE_INTEGER; // due with the next line
const QUEUE = { jobs: 1000, bytes: 256 << 20 };

/** `base`: the console's address of the connection over HTTP. `give(text)`: what is told when something is given up, held, or left. */
export class Uploads {
  constructor(base, token, retry, give) {
    Object.assign(this, { base, token, retry, give });
    this.jobs = [];
    this.bytes = 0;
    this.isBusy = this.isClosed = this.isDenied = false;
    this.timer = this.request = this.looked = null;
  }

  /**
   * `source`: a Buffer, the path of a file, or a function that returns one of them, or null for "not yet", also as a promise. The same
   * path that still waits is not queued twice.
   */
  add(path, type, source) {
    const size = Buffer.isBuffer(source) ? source.length : 0;
    if (this.jobs.some((job) => job.path === path && !job.size && !size)) return;
    if (this.jobs.length >= QUEUE.jobs || this.bytes + size > QUEUE.bytes) return this.give(`Too much waits for the console: ${path} was dropped.`);
    this.jobs.push({ path, type, source, size, wait: this.retry.first, due: 0, since: Date.now() });
    this.bytes += size;
    this.#work();
  }

  /** The console took the line, so it takes the token again: what was held is due. */
  resume() {
    this.isDenied = false;
    for (const job of this.jobs) if (job.due === HELD) job.due = 0;
    this.#work();
  }

  /** Lets what can be sent be sent, for at most `ms`; what is held, or not there yet, is not waited for. */
  async close(ms) {
    await new Promise((done) => {
      const limit = setTimeout(done, ms);
      this.looked = () => {
        if (this.jobs.some((job) => job.due !== HELD && !job.isEmpty)) return;
        clearTimeout(limit);
        done();
      };
      this.looked();
    });
    this.isClosed = true;
    clearTimeout(this.timer);
    this.request?.destroy(new Error("the bridge was closed"));
    const left = this.jobs.filter((job) => !job.isEmpty);
    if (left.length) this.give(`Closed before the console took ${left.length} uploads, the first: ${left[0].path}`);
  }

  async #work() {
    if (this.isBusy || this.isClosed) return;
    clearTimeout(this.timer);
    this.jobs.sort((a, b) => a.due - b.due);
    const job = this.jobs[0];
    if (!job || job.due === HELD) return;
    const early = job.due - Date.now();
    if (early > 0) {
      this.timer = setTimeout(() => this.#work(), early);
      this.timer.unref();
      return;
    }
    this.isBusy = true;
    const outcome = await this.#try(job).catch((error) => ({ again: error.message }));
    this.isBusy = false;
    this.#settle(job, outcome);
    this.looked?.();
    this.#work();
  }

  #settle(job, { again, refused, denied, isEmpty = false }) {
    const old = Date.now() - job.since > KEPT_MS;
    job.isEmpty = isEmpty;
    if (denied && !old) {
      job.due = HELD;
      if (!this.isDenied) this.give(`The console denies the token to ${job.path}: ${denied}. It is kept until the line was dialled again.`);
      this.isDenied = true;
      return;
    }
    if (again && !old) {
      job.due = Date.now() + job.wait * (0.75 + Math.random() / 2);
      job.wait = Math.min(job.wait * 2, this.retry.longest);
      return;
    }
    this.jobs.splice(this.jobs.indexOf(job), 1);
    this.bytes -= job.size;
    const why = refused ?? denied ?? again;
    if (why) this.give(`The console did not take ${job.path}: ${why}`);
  }

  async #try(job) {
    const source = typeof job.source === "function" ? await job.source() : job.source;
    if (source === null || source === undefined) return { again: "there is nothing to send yet", isEmpty: true };
    const { status, text } = await this.#put(job, source);
    if (status >= 200 && status < 300) return {};
    const said = `${status} ${text.slice(0, 300)}`;
    if (status === 401 || status === 403) return { denied: said };
    return status === 409 || status === 408 || status === 429 || status >= 500 ? { again: said } : { refused: said };
  }

  async #put(job, source) {
    const isFile = typeof source === "string";
    const length = isFile ? (await stat(source)).size : source.length;
    const target = new URL(job.path, this.base);
    const request = (target.protocol === "https:" ? https : http).request(target, {
      method: "PUT",
      headers: { Authorization: `Bearer ${this.token}`, "Content-Type": job.type, "Content-Length": length },
      timeout: SILENT_MS,
    });
    this.request = request;
    request.on("timeout", () => request.destroy(new Error("the console is silent")));
    const answered = new Promise((done, failed) => {
      request.on("error", failed);
      request.on("response", async (response) => {
        try {
          let text = "";
          for await (const piece of response) text = text.length < 4096 ? text + piece : text;
          done({ status: response.statusCode, text });
        } catch (error) {
          failed(error);
        }
      });
    });
    const body = isFile ? createReadStream(source, { highWaterMark: CHUNK }) : Readable.from(pieces(source));
    pipeline(body, request).catch((error) => request.destroy(error)); // an early answer ends it, and counts
    return answered;
  }
}

function* pieces(bytes) {
  for (let at = 0; at < bytes.length; at += CHUNK) yield bytes.subarray(at, at + CHUNK);
}

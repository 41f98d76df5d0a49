// Recordings and histories for the console's PUT doors: one after the other, streamed, tried again until they are taken.
import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";
import http from "node:http";
import https from "node:https";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";

const CHUNK = 64 << 10;
const SILENT_MS = 60_000;
const KEPT_MS = 24 * 3600_000;
const QUEUE = { jobs: 1000, bytes: 256 << 20 };

/** `base`: the console's address of the connection over HTTP. `give(text)`: what is told when something is given up. */
export class Uploads {
  constructor(base, token, retry, give) {
    Object.assign(this, { base, token, retry, give });
    this.jobs = [];
    this.bytes = 0;
    this.isBusy = this.isClosed = false;
    this.timer = null;
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

  close() {
    this.isClosed = true;
    clearTimeout(this.timer);
  }

  async #work() {
    if (this.isBusy || this.isClosed) return;
    clearTimeout(this.timer);
    this.jobs.sort((a, b) => a.due - b.due);
    const job = this.jobs[0];
    if (!job) return;
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
    this.#work();
  }

  #settle(job, { again, refused }) {
    const old = Date.now() - job.since > KEPT_MS;
    if (again && !old) {
      job.due = Date.now() + job.wait * (0.75 + Math.random() / 2);
      job.wait = Math.min(job.wait * 2, this.retry.longest);
      return;
    }
    this.jobs.splice(this.jobs.indexOf(job), 1);
    this.bytes -= job.size;
    if (again || refused) this.give(`The console did not take ${job.path}: ${refused ?? again}`);
  }

  async #try(job) {
    const source = typeof job.source === "function" ? await job.source() : job.source;
    if (source === null || source === undefined) return { again: "there is nothing to send yet" };
    const { status, text } = await this.#put(job, source);
    if (status >= 200 && status < 300) return {};
    const said = `${status} ${text.slice(0, 300)}`;
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

// Requests to the server: one under way at a time, the newest wins, none is queued.

import { heldGroups } from "./bank.js";
import { arrived, leaving } from "./leaving.js";

// A connection that broke and came back has lost what was under way: it is asked again.
const PATIENCE = 15000;

export class Link {
  constructor(send) {
    Object.assign(this, { send, seq: 0, put: 0, waiting: null, next: null });
  }

  get busy() {
    return this.waiting !== null;
  }

  // `request` makes the request when its turn comes, so that it says what is true then.
  ask(request) {
    if (this.busy) {
      this.next = request;
      return;
    }
    const asked = request();
    if (!asked.drag && leaving()) return;
    this.seq = Math.max(this.seq + 1, Date.now());
    this.waiting = this.seq;
    if (!asked.drag) this.put = this.seq;
    // A server that was not there when this was asked is told what it was asked under.
    const address = Object.fromEntries(new URLSearchParams(location.search));
    this.send({ ...asked, address, seq: this.seq, have: heldGroups() });
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.again(this.next ?? request), PATIENCE);
  }

  again(request) {
    this.waiting = this.next = null;
    this.ask(request);
  }

  // "mine" where this is the answer waited for, "late" where it is older than what is shown or was put down. A run of the
  // page that nobody here asked for, after a link or a menu, is "other": it holds, and what is under way is out of date.
  answered(seq, direct = false) {
    if (direct ? seq !== this.waiting : seq < this.put) return "late";
    const cause = this.busy && seq === this.waiting ? "mine" : "other";
    if (cause === "other") arrived();
    this.forget();
    const request = this.next;
    this.next = null;
    if (request) this.ask(request);
    // What was put down while this was under way is newer.
    return seq < this.put ? "late" : cause;
  }

  forget() {
    clearTimeout(this.timer);
    this.waiting = null;
  }
}

let elsewhere = null;
// A file without a server has its answers from somewhere else.
export const answerFrom = (answers) => (elsewhere = answers);

// The server's bytes to a question that is asked of it directly; null where it gave none.
export async function post(path, question) {
  if (elsewhere) return elsewhere(path, question);
  try {
    // Where this module is served from is as deep as the server's own address for the page.
    const answer = await fetch(new URL(`../../${path}`, import.meta.url), {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(question),
    });
    return answer.ok ? new Uint8Array(await answer.arrayBuffer()) : null;
  } catch {
    return null;
  }
}

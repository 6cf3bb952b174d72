// Requests to the server: one under way at a time, the newest wins, none is queued.

import { heldGroups } from "./bank.js";

// A connection that broke and came back has lost what was under way: it is asked again.
const PATIENCE = 6000;

export class Link {
  constructor(send) {
    Object.assign(this, { send, seq: 0, waiting: null, next: null });
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
    this.seq = Math.max(this.seq + 1, Date.now());
    this.waiting = this.seq;
    this.send({ ...request(), seq: this.seq, have: heldGroups() });
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.again(this.next ?? request), PATIENCE);
  }

  again(request) {
    this.waiting = this.next = null;
    this.ask(request);
  }

  // "mine" where this is the answer waited for, "late" where a newer one is still to come, "other" where nothing is.
  answered(seq) {
    if (this.busy && seq !== this.waiting) return "late";
    const cause = this.busy ? "mine" : "other";
    this.forget();
    const request = this.next;
    this.next = null;
    if (request) this.ask(request);
    return cause;
  }

  forget() {
    clearTimeout(this.timer);
    this.waiting = null;
  }
}

// The server's bytes to a question that is asked of it directly; null where it gave none.
export async function post(path, question) {
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

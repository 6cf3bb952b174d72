// Requests to the server: one under way at a time, the newest wins, none is queued.

import { heldGroups } from "./bank.js";

export class Link {
  constructor(send) {
    Object.assign(this, { send, seq: 0, waiting: null, next: null });
  }

  get busy() {
    return this.waiting !== null;
  }

  ask(request) {
    if (this.busy) {
      // A released value must not be lost to a later drag of something else: settings are always complete.
      this.next = request;
      return;
    }
    this.seq = Math.max(this.seq + 1, Date.now());
    this.waiting = this.seq;
    this.send({ ...request(), seq: this.seq, have: heldGroups() });
  }

  // "mine" where this is the answer waited for, "late" where a newer one is still to come, "other" where nothing is.
  answered(seq) {
    if (this.busy && seq !== this.waiting) return "late";
    const mine = this.busy ? "mine" : "other";
    this.waiting = null;
    if (this.next) {
      const request = this.next;
      this.next = null;
      this.ask(request);
    }
    return mine;
  }
}

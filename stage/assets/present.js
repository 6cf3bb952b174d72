// The stage for a whole room: it fills the screen with large type, and can show the code of the present link.

import { element } from "./format.js";

const TYPING = "textarea, select, [contenteditable], input:not([type=range], [type=checkbox], [type=button])";

export class Present {
  constructor(stage) {
    this.stage = stage;
    this.button = element(
      "button",
      { type: "button", class: "stage-select stage-present-button", "aria-pressed": "false", title: "Full screen (p), Escape leaves", onclick: () => this.toggle() },
      "Present",
    );
    this.image = element("img", { alt: "QR code of the link to what is shown", width: 320, height: 320 });
    this.code = element("figure", { class: "stage-code", hidden: true }, this.image);
    this.codeButton = element(
      "button",
      { type: "button", class: "stage-select stage-code-button", "aria-pressed": "false", hidden: true, title: "QR code of the link (q)", onclick: () => this.showCode(this.code.hidden) },
      "Link",
    );
  }

  // Once the stage's own elements are there.
  bind(root) {
    this.root = root;
    const actions = { p: () => this.toggle(), f: () => this.toggle() };
    const inside = { Escape: () => this.toggle(), q: () => this.linked && this.showCode(this.code.hidden) };
    const pressed = (event) => {
      const busy = event.defaultPrevented || event.repeat || event.ctrlKey || event.metaKey || event.altKey;
      if (busy || event.target.closest?.(TYPING)) return;
      const action = actions[event.key] ?? (this.on && inside[event.key]);
      if (!action) return;
      event.preventDefault();
      action();
    };
    // The browser leaves full screen by itself at Escape.
    const changed = () => document.fullscreenElement !== root && this.full && this.toggle();
    const moved = () => this.code.hidden || this.showCode(true);
    document.addEventListener("keydown", pressed);
    document.addEventListener("fullscreenchange", changed);
    window.navigation?.addEventListener("currententrychange", moved);
    this.stage.leave(() => {
      document.removeEventListener("keydown", pressed);
      document.removeEventListener("fullscreenchange", changed);
      window.navigation?.removeEventListener("currententrychange", moved);
    });
  }

  get on() {
    return this.root.classList.contains("stage-present");
  }

  // A file that was taken away has no server that could draw the code.
  get linked() {
    return import.meta.url.startsWith("http");
  }

  async toggle() {
    const on = this.root.classList.toggle("stage-present");
    this.button.setAttribute("aria-pressed", String(on));
    this.button.textContent = on ? "Leave" : "Present";
    this.codeButton.hidden = !on || !this.linked;
    if (on) await this.enter();
    else {
      this.showCode(false);
      this.leave();
    }
    this.stage.themed();
  }

  // Where full screen is not allowed, as in some frames, the stage still lies above all else in its window.
  async enter() {
    try {
      await this.root.requestFullscreen();
      this.full = true;
    } catch {
      if (!this.on) return;
      this.root.popover = "manual";
      this.root.showPopover();
    }
  }

  leave() {
    this.full = false;
    if (document.fullscreenElement === this.root) document.exitFullscreen();
    if (this.root.popover) {
      this.root.hidePopover();
      this.root.popover = null;
    }
  }

  showCode(shown) {
    this.code.hidden = !shown;
    this.codeButton.setAttribute("aria-pressed", String(shown));
    if (shown) this.image.src = new URL(`../../share/code.svg?link=${encodeURIComponent(location.href)}`, import.meta.url).href;
  }
}

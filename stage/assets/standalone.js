// The stage in a file of its own: what the server would answer lies in the page, and what it cannot hold is switched off.

import { spread } from "./bank.js";
import { element } from "./format.js";
import { nearest } from "./controls.js";
import { answerFrom } from "./link.js";
import { MAPS } from "./maps.js";
import { render } from "./stage.js";

const TEXT = new TextEncoder();

async function blob(node) {
  const packed = Uint8Array.from(atob(node.textContent), (letter) => letter.charCodeAt(0));
  const stream = new Blob([packed]).stream().pipeThrough(new DecompressionStream("gzip"));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

const json = (bytes) => JSON.parse(new TextDecoder().decode(bytes));

// A message of stage/bank.py, with a header that can be changed.
function opened(bytes) {
  const length = new DataView(bytes.buffer, bytes.byteOffset).getUint32(0, true);
  return { header: json(bytes.subarray(4, 4 + length)), arrays: bytes.subarray(4 + length) };
}

function packed(header, arrays) {
  const text = TEXT.encode(JSON.stringify(header));
  const length = Math.ceil((text.length + 4) / 8) * 8 - 4;
  const bytes = new Uint8Array(4 + length + arrays.length).fill(32);
  new DataView(bytes.buffer).setUint32(0, length, true);
  bytes.set(text, 4);
  bytes.set(arrays, 4 + length);
  return bytes;
}

// The same for a surface that was moved: its heights are those of the bank at the slider's position.
function withHeights(header, arrays, { name, index }) {
  const [, [, n], offset] = header.groups[header.bank].grids;
  const [x0, x1, y0, y1] = header.surface.box;
  const size = 4 * n * n;
  const from = offset + index * size;
  const parts = { x: spread(x0, x1, n), y: spread(y0, y1, n), z: new Float32Array(arrays.slice(from, from + size).buffer) };
  const group = {};
  const chunks = [arrays];
  let end = arrays.length;
  for (const [part, values] of Object.entries(parts)) {
    group[part] = ["f4", part === "z" ? [n, n] : [n], end];
    const padded = new Uint8Array(8 * Math.ceil(values.byteLength / 8));
    padded.set(new Uint8Array(values.buffer));
    chunks.push(padded);
    end += padded.length;
  }
  const all = new Uint8Array(end);
  let place = 0;
  for (const chunk of chunks) {
    all.set(chunk, place);
    place += chunk.length;
  }
  const scene = `${header.scene} ${name} ${index}`;
  return packed({ ...header, scene, groups: { ...header.groups, [scene]: group } }, all);
}

// Answers in the server's place. Banks were made with all other sliders where they were then: whichever one is moved,
// the others go back there.
class Answers {
  constructor(banks, maps, facts) {
    Object.assign(this, { banks, maps, facts, over: Object.keys(banks)[0] });
    this.lives = banks[this.over].header.lives;
  }

  // Where a slider was when the file was made.
  made(name) {
    return this.lives.find((live) => live.name === name).value;
  }

  // What a page decides by itself is no setting before a hand has moved it.
  wanted({ settings }, name) {
    return settings[name] ?? this.made(name);
  }

  message(request) {
    const moved = Object.keys(this.banks).find((name) => name !== this.over && this.wanted(request, name) !== this.made(name));
    if (moved) this.over = moved;
    else if (request.drag && this.banks[request.over]) this.over = request.over;
    const { header, arrays } = this.banks[this.over];
    const lives = header.lives.map((live) => {
      if (live.name !== this.over && !live.local) return live;
      const index = nearest(live.positions, this.wanted(request, live.name));
      return { ...live, index, value: live.positions[index] };
    });
    const answer = { ...header, lives, ...this.marked(request), seq: request.seq, whole: true };
    const live = lives.find(({ name }) => name === this.over);
    return live.moves && live.value !== this.made(this.over) ? withHeights(answer, arrays, live) : packed(answer, arrays);
  }

  // What is marked on the surface where the slider is; null where it does not move the surface.
  marked(request) {
    const live = this.lives.find(({ name }) => name === this.over);
    return this.facts[this.over]?.[nearest(live.positions, this.wanted(request, this.over))] ?? null;
  }

  // What is asked for directly: paths, or something beside them; null for what is not in the file.
  direct(path, { request }) {
    const kind = path.split("/")[2];
    if (!kind) return this.message(request);
    if (kind === "facts") {
      const facts = this.marked(request);
      return facts ? packed({ facts, groups: {} }, new Uint8Array(0)) : null;
    }
    const still = Object.keys(this.banks).every((name) => this.wanted(request, name) === this.made(name));
    return still ? (this.maps[kind] ?? null) : null;
  }
}

async function start() {
  const parts = new Map();
  for (const node of document.querySelectorAll("script[data-blob]")) {
    parts.set(node.dataset.blob, await blob(node));
    node.remove();
  }
  const order = json(parts.get("order"));
  const collect = (kind, names, read) =>
    Object.fromEntries(names.filter((name) => parts.has(`${kind} ${name}`)).map((name) => [name, read(parts.get(`${kind} ${name}`))]));
  const answers = new Answers(
    collect("bank", order.sliders, opened),
    collect("map", order.maps, (bytes) => bytes),
    collect("facts", order.sliders, json),
  );
  answerFrom((path, question) => answers.direct(path, question));
  const component = {
    parentElement: document.getElementById("stage"),
    // The server would answer later, too.
    setStateValue: (_, request) => queueMicrotask(() => show(answers.message(request))),
  };
  const show = (data) => render({ ...component, data });
  const { header, arrays } = answers.banks[answers.over];
  await show(packed({ ...header, whole: true, seq: 0 }, arrays));
  const { parts: shown } = component.parentElement.querySelector("[data-stage]").stage;
  shown.root.classList.add("stage-offline");
  for (const kind of MAPS.filter((name) => !answers.maps[name])) {
    shown.boxes[kind].disabled = true;
    shown.boxes[kind].parentElement.title = "Not in this file";
  }
  shown.root.append(
    element(
      "p",
      { class: "stage-note" },
      "In this file: every position of every slider, one slider at a time, and all steps. Another start, another optimizer or another surface needs the app.",
    ),
  );
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => shown.root.stage.themed());
}

start();

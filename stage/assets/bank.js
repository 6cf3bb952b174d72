// Reads the messages of stage/bank.py, and keeps the groups of arrays that later messages leave out.

const TYPES = { f4: Float32Array, f8: Float64Array, i4: Int32Array, u1: Uint8Array };
const KEEP = 8;
const held = new Map();

export const heldGroups = () => [...held.keys()];

// The header, and for each group its arrays, or null where it was left out.
function read(bytes) {
  // A copy starts at offset 0 of its own buffer, as typed arrays of eight bytes demand.
  const { buffer } = bytes.slice();
  const length = new DataView(buffer).getUint32(0, true);
  const header = JSON.parse(new TextDecoder().decode(new Uint8Array(buffer, 4, length)));
  const typed = ([type, shape, offset]) => {
    const size = shape.reduce((a, b) => a * b, 1);
    return Object.assign(new TYPES[type](buffer, 4 + length + offset, size), { shape });
  };
  const arrays = (index) => index && Object.fromEntries(Object.entries(index).map(([name, one]) => [name, typed(one)]));
  return { header, groups: Object.entries(header.groups).map(([key, index]) => [key, arrays(index)]) };
}

export function unpackMap(bytes) {
  const { header, groups } = read(bytes);
  return { ...header, ...groups[0]?.[1] };
}

export function unpack(bytes) {
  const { header, groups } = read(bytes);
  for (const [key, sent] of groups) {
    const arrays = sent ?? held.get(key);
    if (!arrays) return { missing: key };
    held.delete(key);
    held.set(key, arrays);
  }
  for (const key of held.keys()) if (held.size > KEEP) held.delete(key);
  return { header, scene: held.get(header.scene), bank: held.get(header.bank), cut: held.get(header.cut) };
}

// One racer's run at one position of the live slider: views into the bank, nothing copied.
export function run(bank, racer, position) {
  const [count, length] = bank[`${racer}.points`].shape;
  const row = Math.min(position, count - 1);
  const view = (name, width, rows = length) =>
    bank[`${racer}.${name}`]?.subarray(row * rows * width, (row + 1) * rows * width);
  const cut = bank[`${racer}.diverged_at`][row];
  const [stopped, reason] = bank[`${racer}.stopped`]?.subarray(2 * row) ?? [-1, -1];
  return {
    divergedAt: cut < 0 ? null : cut,
    stoppedAt: stopped < 0 ? null : stopped,
    stoppedBy: reason,
    length: stopped >= 0 ? stopped + 1 : cut < 0 ? length : cut,
    points: view("points", 2),
    values: view("values", 1),
    norms: view("norms", 1),
    gradients: view("gradients", 2),
    hessians: view("hessians", 3),
    terms: view("terms", 3, length - 1),
  };
}

// The coordinates of a grid's points along one side of its box.
export const spread = (low, high, n) => Float32Array.from({ length: n }, (_, i) => low + ((high - low) * i) / (n - 1));

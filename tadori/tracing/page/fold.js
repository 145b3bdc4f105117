// Which parts of a graph are drawn as one box: modules, repeats ("× 30"), and long stretches.
//
// A tree of groups is made once for a scene; opening and closing a group changes only what is
// drawn.

export const MOST = 200; // drawn nodes, tensors included
const COMFORTABLE = 70; // up to here groups are opened by themselves
const FEW = 12; // functions of a repeat that is not worth folding
const LONG = 40; // a group with more children is cut into stretches
const LONGEST_PERIOD = 64;

// A group: {id, name, kind: "module" | "repeat" | "block" | "stretch", children, functions,
// parent}. `functions` are all functions inside, in the order of their making.
export function makeTree(functions) {
  const root = group("root", "root", null);
  let open = [root];
  for (const f of functions) {
    const path = f.modules ?? [];
    let depth = 1;
    while (depth < open.length && open[depth].call === callOf(path[depth - 1])) depth += 1;
    open = open.slice(0, depth);
    for (const part of path.slice(depth - 1)) {
      const parent = open.at(-1);
      const child = group(`${parent.id}/${parent.children.length}`, "module", parent);
      Object.assign(child, {
        name: part.name,
        type: part.type,
        path: part.path,
        call: callOf(part),
      });
      parent.children.push(child);
      open.push(child);
    }
    open.at(-1).children.push(f);
  }
  finish(root);
  return root;
}

const callOf = (part) => (part ? `${part.name}#${part.call ?? ""}` : null);

const group = (id, kind, parent) => ({ id, kind, parent, name: "", children: [], functions: [] });

export const isGroup = (item) => Array.isArray(item.children);

function finish(node) {
  for (const child of node.children) if (isGroup(child)) finish(child);
  node.children = node.children.map(alone);
  for (let before = Infinity, pass = 0; node.children.length < before; pass += 1) {
    before = node.children.length; // repeats of repeats: the steps of a loop within a loop
    node.children = foldRepeats(node, `r${pass}.`);
  }
  node.children = foldLong(node, node.children);
  for (const child of node.children) child.parent = node;
  node.functions = node.children.flatMap((child) => (isGroup(child) ? child.functions : [child]));
  node.signature = sign(node.children.map(signature).join(";"));
}

// A module that called one function only is drawn as that function.
function alone(item) {
  if (!isGroup(item) || item.kind !== "module" || item.functions.length !== 1) return item;
  const [f] = item.functions;
  f.inside = f.inside ? `${item.name}.${f.inside}` : item.name;
  return f;
}

// Signatures are numbers: equal ones mean the same operations on the same shapes.
const signatures = new Map();
function sign(text) {
  if (!signatures.has(text)) signatures.set(text, signatures.size);
  return signatures.get(text);
}

function signature(item) {
  if (isGroup(item)) return item.signature;
  item.signature ??= sign(`${item.name}|${item.outputs.map((t) => t.shape).join("|")}`);
  return item.signature;
}

// Children with every run of three or more equal blocks put into one group of blocks.
function foldRepeats(node, name) {
  const signs = node.children.map(signature);
  const result = [];
  for (let i = 0; i < signs.length;) {
    const { period, count } = repeatAt(signs, i);
    if (count < 3 || (period === 1 && !isGroup(node.children[i]) && count < 4)) {
      result.push(node.children[i]);
      i += 1;
      continue;
    }
    const repeat = group(`${node.id}/${name}${i}`, "repeat", node);
    for (let k = 0; k < count; k += 1) {
      const items = node.children.slice(i + k * period, i + (k + 1) * period);
      repeat.children.push(block(`${repeat.id}.${k}`, items, repeat, "block"));
    }
    Object.assign(repeat, { count, period, name: repeatName(repeat.children[0].shown) });
    repeat.children = foldLong(
      repeat,
      repeat.children.map((b) => b.single ?? b),
    );
    for (const child of repeat.children) child.parent = repeat;
    repeat.functions = repeat.children.flatMap((c) => (isGroup(c) ? c.functions : [c]));
    repeat.signature = sign(`repeat ${count} ${signs.slice(i, i + period).join(";")}`);
    result.push(repeat);
    i += period * count;
  }
  return result;
}

function repeatName(items) {
  const nameOf = (item) =>
    item.kind === "repeat" ? `(${item.name}) × ${item.count}` : item.type || item.name;
  const names = items.map(nameOf);
  return names.length <= 3
    ? names.join(", ")
    : `${names.slice(0, 2).join(", ")}, … ${names.at(-1)}`;
}

function block(id, items, parent, kind) {
  const made = group(id, kind, parent);
  made.children = items;
  made.shown = items;
  made.single = items.length === 1 ? items[0] : null;
  made.functions = items.flatMap((item) => (isGroup(item) ? item.functions : [item]));
  made.signature = sign(items.map(signature).join(";"));
  made.name = repeatName(items);
  for (const item of items) item.parent = made;
  return made;
}

// The period whose repetition covers most from place i on.
function repeatAt(signs, i) {
  let best = { period: 1, count: 1 };
  for (let period = 1; period <= LONGEST_PERIOD && i + 2 * period <= signs.length; period += 1) {
    let end = i + period;
    while (end < signs.length && signs[end] === signs[end - period]) end += 1;
    const count = Math.floor((end - i) / period);
    if (count >= 3 && count * period > best.count * best.period) best = { period, count };
  }
  return best;
}

// At most LONG children: neighbours are put together.
function foldLong(parent, items) {
  if (items.length <= LONG) return items;
  const size = Math.ceil(items.length / LONG);
  const result = [];
  for (let i = 0; i < items.length; i += size) {
    const made = block(`${parent.id}/s${i}`, items.slice(i, i + size), parent, "stretch");
    made.from = i;
    result.push(made.single ?? made);
  }
  return result;
}

// What is drawn for a set of open groups: {items, tensors, groups}.
//
// items: functions and closed groups. tensors: those that pass between two items, come from
// outside, or are left over at the end. A closed group keeps its own parameters inside.
export function visible(root, open) {
  const items = [];
  const groups = [];
  const boxOf = new Map();
  const enter = (node) => {
    for (const child of node.children) {
      if (isGroup(child) && open.has(child.id)) {
        groups.push(child);
        enter(child);
      } else {
        items.push(child);
        for (const f of isGroup(child) ? child.functions : [child]) boxOf.set(f, child);
      }
    }
  };
  enter(root);
  const tensors = new Map();
  const edges = new Map();
  const see = (tensor, box, way) => {
    if (!tensors.has(tensor)) tensors.set(tensor, { makers: new Set(), users: new Set() });
    tensors.get(tensor)[way].add(box);
  };
  for (const [f, box] of boxOf) {
    for (const tensor of f.outputs) see(tensor, box, "makers");
    for (const tensor of f.inputs) if (tensor) see(tensor, box, "users");
  }
  for (const [tensor, { makers, users }] of tensors) {
    if (!drawn(tensor, makers, users)) tensors.delete(tensor);
  }
  const omitted = omit(tensors, Math.max(20, MOST - items.length));
  for (const [tensor, { makers, users }] of tensors) {
    for (const box of makers) edges.set(`${box.id}>${tensor.id}`, { from: box, to: tensor });
    for (const box of users) {
      if (!makers.has(box)) edges.set(`${tensor.id}>${box.id}`, { from: tensor, to: box });
    }
  }
  const around = (tensor) =>
    innermost([...tensors.get(tensor).makers, ...tensors.get(tensor).users], groups, root);
  return {
    items,
    groups,
    boxOf,
    around,
    omitted,
    tensors: [...tensors.keys()],
    edges: [...edges.values()],
  };
}

// The innermost open group that holds all these boxes; null for the whole drawing.
function innermost(boxes, groups, root) {
  const chains = boxes.map((box) => {
    const chain = [];
    for (let at = box.parent; at && at !== root; at = at.parent)
      if (groups.includes(at)) chain.push(at);
    return chain;
  });
  return chains[0]?.find((group) => chains.every((chain) => chain.includes(group))) ?? null;
}

// What only closed groups see is drawn if it has a name.
function drawn(tensor, makers, users) {
  const [maker] = makers;
  if (!maker) return ![...users].every(isGroup) || Boolean(tensor.name && !tensor.isParameter);
  if (!users.size)
    return isGroup(maker) ? Boolean(tensor.name && !tensor.users.length) : !aside(tensor);
  return [...users].some((box) => box !== maker) || !isGroup(maker);
}

// One of several outputs that nobody used or named: a mean kept for backward, a top of logits.
const aside = ({ name, users, maker }) => !name && !users.length && maker.outputs.length > 1;

// Keep at most `room` tensors, those first that join two boxes; gives the number of the others.
function omit(tensors, room) {
  const ends = ([, { makers, users }]) => makers.size + users.size;
  const least = [...tensors].sort((a, b) => ends(b) - ends(a)).slice(room);
  for (const [tensor] of least) tensors.delete(tensor);
  return least.length;
}

const size = (seen) => seen.items.length + seen.tensors.length + seen.omitted;

// The groups that stand open at first: outer ones before inner ones, while there is room.
export function openAtFirst(root) {
  const open = new Set();
  const waiting = root.children.filter(isGroup);
  for (let failures = 0; waiting.length && failures < 3;) {
    const next = waiting.shift();
    if (next.kind !== "module" && next.functions.length > FEW) continue;
    open.add(next.id);
    if (size(visible(root, open)) <= COMFORTABLE) {
      waiting.push(...next.children.filter(isGroup));
    } else {
      open.delete(next.id);
      failures += 1;
    }
  }
  return open;
}

// Open one more group; others are closed, those opened first first, until it fits.
export function openGroup(root, open, node) {
  const path = [];
  for (let at = node; at && at !== root; at = at.parent) path.push(at.id);
  const result = new Set([...open, ...path]);
  const closed = [];
  for (const id of open) {
    if (size(visible(root, result)) <= MOST) break;
    if (path.includes(id)) continue;
    result.delete(id);
    closed.push(id);
  }
  return { open: result, closed: closed.length };
}

// The graph of the scene in which we are: laid out once, then only lit, faded and marked.

import { h, replace, svg } from "page/dom.js";
import { isGroup, makeTree, MOST, openAtFirst, openGroup, visible } from "page/fold.js";
import { HEIGHT, path, place, widthOf } from "page/layout.js";
import { naiveOrder } from "page/naive.js";
import { shapeText } from "page/numbers.js";
import { words } from "page/words.js";

export function makeGraph(pane, recording, walk) {
  const note = h("span", { class: "note" });
  const naive = h(
    "button",
    { class: "naive", "aria-pressed": "false", title: words.naiveWhy, onclick: toggleNaive },
    words.naive,
  );
  const scroll = h("div", { class: "scroll" });
  const zooms = [
    ["−", words.smaller, 0.8],
    ["+", words.larger, 1.25],
  ].map(([sign, label, factor]) =>
    h("button", { "aria-label": label, title: label, onclick: () => zoom(factor) }, sign),
  );
  replace(pane, h("div", { class: "head" }, h("h2", {}, words.graph), note, naive, zooms), scroll);
  pane.setAttribute("aria-label", words.graph);
  const kept = new Map(); // scene -> {root, open}
  let scene = null;
  let drawing = null;
  let scale = 1;

  function zoom(factor) {
    scale = Math.max(0.3, Math.min(2, scale * factor));
    if (drawing) resize();
  }

  function resize() {
    const { element, width, height } = drawing;
    element.setAttribute("width", Math.ceil(width * scale));
    element.setAttribute("height", Math.ceil(height * scale));
  }

  function folding() {
    if (!kept.has(scene)) {
      const root = makeTree(scene.functions);
      kept.set(scene, { root, open: openAtFirst(root), closed: 0 });
    }
    return kept.get(scene);
  }

  function draw() {
    const fold = folding();
    drawing = drawScene(scene, visible(fold.root, fold.open), recording);
    drawing.closed = fold.closed;
    resize();
    replace(scroll, drawing.nothing, drawing.element);
    say();
  }

  function say() {
    const hidden = scene.functions.length - drawing.shown.items.filter((i) => !isGroup(i)).length;
    const parts = [words.functions(scene.functions.length)];
    if (hidden) parts.push(words.folded(hidden));
    if (drawing.shown.omitted) parts.push(words.omitted(drawing.shown.omitted));
    if (drawing.closed) parts.push(words.closedForRoom(drawing.closed, MOST));
    note.textContent = parts.join(" · ");
  }

  function toggle(item) {
    const fold = folding();
    if (fold.open.has(item.id)) {
      fold.open.delete(item.id);
      fold.closed = 0;
    } else {
      Object.assign(fold, openGroup(fold.root, fold.open, item));
    }
    draw();
    update();
    const again = drawing.boxes.get(item.id) ?? drawing.boxes.get(item.functions[0]?.id);
    again?.element.focus({ preventScroll: true });
    again?.element.scrollIntoView({ block: "nearest" });
  }

  function toggleNaive() {
    walk.naive = !walk.naive;
    naive.setAttribute("aria-pressed", String(walk.naive));
    walk.tell("naive");
  }

  scroll.addEventListener("click", (event) => act(event.target.closest("[data-id]")));
  scroll.addEventListener("keydown", (event) => {
    const element = event.target.closest("[data-id]");
    if (!element) return;
    if (event.key === "Enter" || event.key === " ") act(element);
    else if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      focusNext(element, event.key === "ArrowDown" ? 1 : -1);
    } else return;
    event.preventDefault();
  });

  function act(element) {
    const thing = element && drawing.things.get(element.dataset.id);
    if (!thing) return;
    if (isGroup(thing)) toggle(thing);
    else walk.pick(thing);
  }

  function focusNext(element, move) {
    const all = [...scroll.querySelectorAll("[data-id]:not(.later)")];
    const next = all[all.indexOf(element) + move];
    if (!next) return;
    element.setAttribute("tabindex", "-1");
    next.setAttribute("tabindex", "0");
    next.focus();
  }

  function update() {
    const { moment } = walk;
    if (moment.scene !== scene) {
      scene = moment.scene;
      if (scene) draw();
    }
    if (!scene) {
      replace(scroll, h("p", { class: "empty" }, words.noGraphYet));
      note.textContent = "";
      return;
    }
    light(drawing, scene, walk);
    const current = moment.fn && drawing.boxes.get(drawing.shown.boxOf.get(moment.fn)?.id);
    if (current) reveal(current.element);
  }

  function reveal(element) {
    const outer = scroll.getBoundingClientRect();
    const inner = element.getBoundingClientRect();
    const margin = 40;
    if (inner.top < outer.top + margin || inner.bottom > outer.bottom - margin) {
      scroll.scrollTop += inner.top - outer.top - outer.height / 2;
    }
    if (inner.left < outer.left + margin || inner.right > outer.right - margin) {
      scroll.scrollLeft += inner.left - outer.left - outer.width / 2;
    }
  }

  return { update };
}

// ------------------------------------------------------------------------------------- drawing

function drawScene(scene, shown, recording) {
  const clusters = shown.groups.map((g) => ({ id: g.id, parent: insideOf(g, shown), group: g }));
  const nodes = [
    ...shown.items.map((item) => ({
      id: item.id,
      thing: item,
      label: isGroup(item) ? groupLabel(item) : item.name,
      under: isGroup(item) ? groupFacts(item) : (item.inside ?? ""),
      height: isGroup(item) || item.inside ? HEIGHT.group : HEIGHT.box,
      parent: insideOf(item, shown),
    })),
    ...shown.tensors.map((t) => ({
      id: t.id,
      thing: t,
      label: tensorLabel(t, shown.around(t)),
      height: HEIGHT.tensor,
      parent: shown.around(t)?.id,
    })),
  ];
  for (const node of nodes)
    node.width = Math.max(widthOf(node.label), widthOf(node.under ?? "") * 0.85);
  const edges = shown.edges.map(({ from, to }) => ({ from: from.id, to: to.id }));
  const placed = place(nodes, clusters, edges);
  const things = new Map();
  const boxes = new Map();
  const lines = new Map();
  const frames = [];
  const element = svg(
    "svg",
    { viewBox: `0 0 ${placed.width} ${placed.height}`, role: "group", "aria-label": words.graph },
    svg(
      "defs",
      {},
      svg(
        "marker",
        {
          id: "tip",
          viewBox: "0 0 8 8",
          refX: 7,
          refY: 4,
          markerWidth: 6,
          markerHeight: 6,
          orient: "auto",
        },
        svg("path", { d: "M0 0.5L7.5 4L0 7.5z", class: "tip" }),
      ),
      svg(
        "marker",
        {
          id: "back",
          viewBox: "0 0 8 8",
          refX: 1,
          refY: 4,
          markerWidth: 9,
          markerHeight: 9,
          orient: "auto",
          markerUnits: "userSpaceOnUse",
        },
        svg("path", { d: "M8 0.5L0.5 4L8 7.5z", class: "tip back" }),
      ),
    ),
  );
  for (const { id, group } of clusters) {
    things.set(id, group);
    const made = clusterElement(group, placed.nodes.get(id));
    frames.push({ element: made, group });
    element.append(made);
  }
  for (const { from, to } of shown.edges) {
    const key = `${from.id}>${to.id}`;
    const line = svg("path", {
      class: "edge",
      d: path(placed.edges.get(key)),
      "marker-end": "url(#tip)",
    });
    lines.set(key, { element: line, from, to });
    element.append(line);
  }
  for (const node of nodes) {
    things.set(node.id, node.thing);
    const made = nodeElement(node, placed.nodes.get(node.id));
    boxes.set(node.id, { element: made, thing: node.thing, order: made.querySelector(".order") });
    element.append(made);
  }
  element.querySelector("[data-id]")?.setAttribute("tabindex", "0");
  const nothing = h("p", { class: "empty" }, words.noGraphYet);
  const { width, height } = placed;
  return { element, width, height, shown, things, boxes, lines, clusters: frames, nothing };
}

const insideOf = (item, shown) => {
  for (let at = item.parent; at; at = at.parent) if (shown.groups.includes(at)) return at.id;
  return undefined;
};

function groupLabel(item) {
  if (item.kind === "repeat") return `${item.name}  × ${item.count}`;
  if (item.kind === "stretch") return `${item.name} …`;
  return item.type && item.type !== item.name ? `${item.name}: ${item.type}` : item.name;
}

function groupFacts(item) {
  const parameters = new Set(item.functions.flatMap((f) => f.inputs.filter((t) => t?.isParameter)));
  return words.inGroup(item.functions.length, parameters.size);
}

// Inside a module a parameter needs only the rest of its name.
function tensorLabel(tensor, group) {
  const shape = shapeText(tensor.shape);
  const path = group?.path ? `${group.path}.` : "";
  const name = path && tensor.name.startsWith(path) ? tensor.name.slice(path.length) : tensor.name;
  return name ? `${name} ${shape}` : shape || "·";
}

function clusterElement(group, at) {
  const [x, y] = [at.x - at.width / 2, at.y - at.height / 2];
  return svg(
    "g",
    {
      class: "cluster",
      "data-id": group.id,
      tabindex: "-1",
      role: "button",
      "aria-expanded": "true",
      "aria-label": words.closeGroup(groupLabel(group)),
    },
    svg("rect", { x, y: y - 10, width: at.width, height: at.height + 14 }),
    svg("text", { x: x + 8, y: y + 4 }, `▾ ${groupLabel(group)}`),
  );
}

function nodeElement(node, at) {
  const { thing, width, height } = node;
  const [x, y] = [-width / 2, -height / 2];
  const transform = `translate(${at.x.toFixed(1)} ${at.y.toFixed(1)})`;
  const common = { "data-id": node.id, transform, tabindex: "-1", role: "button" };
  if (thing.shape !== undefined && !thing.inputs) {
    const kind = thing.isParameter ? "parameter" : thing.maker ? "" : "constant";
    return svg(
      "g",
      { ...common, class: `tensor ${kind}`, "aria-label": words.tensorLong(thing) },
      svg("rect", { class: "pill", x, y, width, height, rx: height / 2 }),
      svg("text", { y: 4 }, node.label),
      svg("text", { class: "arrived", x: -x + 3, y: 4 }),
    );
  }
  if (isGroup(thing)) {
    const under =
      thing.kind === "repeat" &&
      svg("rect", { class: "under", x: x + 4, y: y + 4, width, height, rx: 5 });
    return svg(
      "g",
      {
        ...common,
        class: "item group",
        "aria-expanded": "false",
        "aria-label": words.openGroup(groupLabel(thing), node.under),
      },
      under || "",
      svg("rect", { x, y, width, height, rx: 5 }),
      svg("text", { y: -3 }, node.label),
      svg("text", { class: "small", y: 12 }, node.under),
      svg("text", { class: "order", x: -x + 8, y: 4 }),
    );
  }
  return svg(
    "g",
    {
      ...common,
      class: `item box ${thing.recorded ? "" : "unrecorded"}`,
      "aria-label": words.functionLong(thing),
    },
    svg("rect", { x, y, width, height, rx: 4 }),
    svg("text", { y: node.under ? -3 : 4 }, node.label),
    node.under ? svg("text", { class: "small", y: 12 }, node.under) : "",
    svg("text", { class: "order", x: -x + 4, y: 4 }),
  );
}

// ------------------------------------------------------------------------------------ lighting

const HELD = ["later", "dead", "gone", "visited", "visiting", "now", "picked", "bad", "wrong"];

function light(drawing, scene, walk) {
  const { at, moment, picked } = walk;
  const pass = moment.pass;
  const wrong = walk.naive && pass ? naiveOrder(pass) : null;
  for (const box of drawing.boxes.values()) {
    const { thing } = box;
    const state = thing.inputs
      ? functionState(thing, walk, wrong)
      : isGroup(thing)
        ? groupState(thing, walk)
        : tensorState(thing, at, moment);
    if (thing === picked) state.classes.push("picked");
    setClasses(box.element, state.classes);
    const mark = box.element.querySelector(".order, .arrived");
    if (mark && mark.textContent !== state.mark) mark.textContent = state.mark;
  }
  for (const { element, group } of drawing.clusters)
    element.classList.toggle("later", isLater(group, at));
  drawing.nothing.hidden = !isLater(scene, at);
  const flowing = moment.kind === "visit" ? drawing.shown.boxOf.get(moment.fn) : null;
  for (const { element, from, to } of drawing.lines.values()) {
    const hidden = isLater(from, at) || isLater(to, at);
    const flows =
      flowing &&
      (to === flowing || from === flowing) &&
      (to === flowing ? carries(moment, from) : true);
    element.classList.toggle("later", hidden);
    element.classList.toggle("flowing", Boolean(flows));
  }
}

const carries = (moment, tensor) => moment.fn.inputs.some((t) => t === tensor && t.requiresGrad);

function setClasses(element, classes) {
  for (const name of HELD) {
    const wanted = classes.includes(name);
    if (element.classList.contains(name) !== wanted) element.classList.toggle(name, wanted);
  }
}

function isLater(thing, at) {
  if (thing.functions) return thing.functions[0].born > at;
  if (thing.inputs || thing.maker) return thing.born > at;
  return thing.seen > at;
}

function functionState(f, { at, moment }, wrong) {
  const visits = f.visits.filter((v) => v.at <= at && v.pass === (moment.pass ?? v.pass));
  const classes = [];
  if (f.born > at) classes.push("later");
  if (f.released <= at && moment.fn !== f) classes.push("dead");
  if (visits.length) classes.push("visited");
  if (moment.fn === f) classes.push(moment.kind === "visit" ? "visiting" : "now");
  if (f.bad) classes.push("bad");
  let mark = visits.length ? String(visits.at(-1).order) : "";
  if (wrong && f.visits.length) {
    classes.push("wrong");
    mark = wrong.orders.get(f)?.join(", ") ?? "–";
  }
  return { classes, mark };
}

function groupState(group, { at, moment }) {
  const { functions } = group;
  const classes = [];
  if (functions[0].born > at) classes.push("later");
  if (functions.every((f) => f.released <= at)) classes.push("dead");
  const visited = functions.filter((f) => f.visits.some((v) => v.at <= at)).length;
  if (visited) classes.push("visited");
  if (moment.fn && functions.includes(moment.fn))
    classes.push(moment.kind === "visit" ? "visiting" : "now");
  if (functions.some((f) => f.bad)) classes.push("bad");
  const made = functions.filter((f) => f.born <= at).length;
  const part = visited || (made < functions.length ? made : 0);
  return { classes, mark: part && part < functions.length ? `${part}/${functions.length}` : "" };
}

function tensorState(tensor, at, moment) {
  const classes = [];
  if (isLater(tensor, at)) classes.push("later");
  if (tensor.died <= at) classes.push("gone");
  if (tensor.badAt <= at) classes.push("bad");
  const arrived = tensor.arrivals.filter((a) => a.at <= at && a.pass === moment.pass).length;
  const all = tensor.arrivals.filter((a) => a.pass === moment.pass).length;
  const mark = arrived ? (all > 1 ? `∂ ${arrived}/${all}` : "∂") : "";
  return { classes, mark };
}

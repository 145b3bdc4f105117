// A scene as an SVG drawing: tensors as pills, functions as boxes, groups as frames or folded
// boxes.

import { h, svg } from "page/dom.js";
import { isGroup } from "page/fold.js";
import { HEIGHT, path, place, widthOf } from "page/layout.js";
import { shapeText } from "page/numbers.js";
import { words } from "page/words.js";

export function drawScene(scene, shown, recording) {
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
  const ends = nodes.map((node) => placed.nodes.get(node.id).x + node.width / 2 + room(node.thing));
  const width = Math.max(placed.width, ...ends);
  const things = new Map();
  const boxes = new Map();
  const lines = new Map();
  const frames = [];
  const element = svg(
    "svg",
    { viewBox: `0 0 ${width} ${placed.height}`, role: "group", "aria-label": words.graph },
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
  const { height } = placed;
  return { element, width, height, shown, things, boxes, lines, clusters: frames, nothing };
}

// Pixels to the right of a thing for its mark: the order of a visit, or how many of a group.
const room = (thing) => (isGroup(thing) ? 22 + 14 * String(thing.functions.length).length : 36);

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

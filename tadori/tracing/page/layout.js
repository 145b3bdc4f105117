// Where everything stands: dagre's layered layout, run once for each way of folding a scene.

import { Graph, layout as dagre } from "page/vendor/dagre.esm.js";

export const HEIGHT = { box: 34, group: 40, tensor: 24 };
const CHARACTER = 7.1; // pixels of the label font

export const widthOf = (label, least = 40) =>
  Math.max(
    least,
    Math.round([...label].reduce((w, c) => w + (c > "\u2e80" ? 12.5 : CHARACTER), 18)),
  );

// nodes: [{id, width, height, parent}], clusters: [{id, parent}], edges: [{from, to}] (ids).
// Gives {nodes: Map(id -> {x, y, width, height}), edges: Map("a>b" -> points), width, height}.
export function place(nodes, clusters, edges) {
  const graph = new Graph({ compound: true, multigraph: false });
  graph.setGraph({ rankdir: "TB", nodesep: 16, ranksep: 20, edgesep: 8, marginx: 12, marginy: 12 });
  graph.setDefaultEdgeLabel(() => ({}));
  for (const node of nodes) graph.setNode(node.id, { width: node.width, height: node.height });
  for (const cluster of clusters) graph.setNode(cluster.id, {});
  for (const inner of [...nodes, ...clusters]) {
    if (inner.parent) graph.setParent(inner.id, inner.parent);
  }
  for (const edge of edges) graph.setEdge(edge.from, edge.to);
  dagre(graph);
  const { width, height } = graph.graph();
  const placed = new Map(graph.nodes().map((id) => [id, graph.node(id)]));
  const lines = new Map(graph.edges().map((e) => [`${e.v}>${e.w}`, graph.edge(e).points]));
  return { nodes: placed, edges: lines, width, height };
}

// A smooth path through points: rounded at the bends.
export function path(points) {
  const at = ({ x, y }) => `${x.toFixed(1)} ${y.toFixed(1)}`;
  const [first, ...rest] = points;
  if (rest.length === 1) return `M${at(first)}L${at(rest[0])}`;
  let text = `M${at(first)}`;
  for (let i = 0; i < rest.length - 1; i += 1) {
    const middle = { x: (rest[i].x + rest[i + 1].x) / 2, y: (rest[i].y + rest[i + 1].y) / 2 };
    text += `Q${at(rest[i])} ${at(i === rest.length - 2 ? rest[i + 1] : middle)}`;
  }
  return text;
}

// Who holds an array at a moment: names, functions that keep it for backward, gradients, the
// optimizer, views, the graph.

export function gatherHolders(r) {
  for (const array of r.arrays) array.holders = (at) => holdersOf(r, array, at);
}

// [{kind, ...}] with kind "name", "saved", "grad", "state", "parameter", "view" or "tensor".
function holdersOf(r, array, at) {
  const found = [];
  const within = (span) => span.from <= at && at < span.to;
  const alive = array.tensors.filter((t) => t.seen <= at && at < t.died);
  for (const tensor of alive) {
    if (tensor.ofModel) found.push({ kind: "parameter", name: tensor.name, thing: tensor });
    for (const { name, function: where } of tensor.names.filter(within)) {
      found.push({ kind: "name", name, where, thing: tensor });
    }
    if (tensor.view) found.push({ kind: "view", thing: tensor });
    if (!tensor.ofModel && !tensor.view && !tensor.names.some(within))
      found.push({ kind: "tensor", thing: tensor });
  }
  for (const span of (r.keptBy.get(array.number) ?? []).filter(within)) {
    found.push({ kind: "saved", name: span.name, thing: span.fn });
  }
  for (const { tensor } of (array.gradOf ?? []).filter(within))
    found.push({ kind: "grad", thing: tensor });
  if (array.stateOf && array.stateOf.from <= at)
    found.push({ kind: "state", name: array.stateOf.name, thing: array.stateOf.tensor });
  return found;
}

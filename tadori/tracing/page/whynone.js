// Why a tensor's .grad is None at a moment: from what was recorded, the first reason that holds.

import { words } from "page/words.js";

// {text, place?, thing?}
export function whyNone(tensor, recording, walk) {
  const { at } = walk;
  const cleared = tensor.grads.findLast((g) => g.cleared !== undefined && g.cleared <= at);
  if (cleared)
    return { text: words.why.cleared, place: recording.moments[cleared.cleared].stack.at(-1) };
  if (!tensor.requiresGrad) return notRequired(tensor);
  if (!tensor.leaf && tensor.maker) return { text: words.why.notLeaf, thing: tensor.maker };
  const passes = recording.passes.filter((p) => p.last <= at && p.visits.length);
  if (!passes.length) return { text: words.why.noBackward };
  const pass = passes.at(-1);
  const uses = tensor.users.filter((f) => f.born <= pass.first);
  if (!uses.length) return { text: words.why.unused };
  const recorded = uses.filter((f) => f.recorded);
  if (!recorded.length)
    return { text: words.why.usedUnrecorded, place: uses[0].origin, thing: uses[0] };
  const unvisited = recorded.find((f) => !f.visits.some((v) => v.pass === pass));
  if (unvisited)
    return {
      text: words.why.notReached,
      place: unvisited.origin,
      thing: cutAfter(unvisited, pass) ?? unvisited,
    };
  return { text: words.why.unknown };
}

// Following what was made from `f`: the first function that is not recorded, where the graph is
// cut.
function cutAfter(f, pass) {
  const seen = new Set();
  const waiting = [f];
  while (waiting.length) {
    const next = waiting.shift();
    if (seen.has(next) || next.born > pass.first) continue;
    seen.add(next);
    if (!next.recorded) return next;
    for (const tensor of next.outputs) waiting.push(...tensor.users);
  }
  return null;
}

function notRequired(tensor) {
  if (/int|bool/.test(tensor.dtype)) return { text: words.why.integer };
  if (tensor.maker?.event.grad_mode === false)
    return { text: words.why.noGrad, place: tensor.origin };
  const source = tensor.array?.tensors.find((t) => t !== tensor && t.requiresGrad);
  if (source) return { text: words.why.detached, place: tensor.origin };
  return { text: tensor.maker ? words.why.fromNone : words.why.plain };
}

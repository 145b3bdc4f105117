// How a drawing looks at a moment: what is there yet, where we are, what was visited, freed,
// spoiled.

import { isGroup } from "page/fold.js";
import { naiveOrder } from "page/naive.js";

const HELD = ["later", "dead", "gone", "visited", "visiting", "now", "picked", "bad", "wrong"];

export function light(drawing, scene, walk) {
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
    element.classList.toggle("near", from === picked || to === picked);
  }
}

const carries = (moment, tensor) => moment.fn.inputs.some((t) => t === tensor && t.requiresGrad);

function setClasses(element, classes) {
  for (const name of HELD) {
    const wanted = classes.includes(name);
    if (element.classList.contains(name) !== wanted) element.classList.toggle(name, wanted);
  }
}

export function isLater(thing, at) {
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

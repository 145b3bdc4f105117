// From the recorded events (docs/trace_schema.md) to what the panes show. Only this file and
// events.js know the schema.
//
// A *moment* is an event at which the reader can stand; what follows it (births, deaths, gradients
// on their way) belongs to it. Everything that lives has `born` and `died`, in moments.

import { readPlace, take } from "page/events.js";
import { gatherHolders } from "page/holders.js";
import { countMemory } from "page/lives.js";
import { asNumber, single } from "page/readvalue.js";

// event kind -> kind of moment
const MOMENTS = {
  function: "forward",
  visit: "visit",
  backward: "backward",
  passed: "passed",
  zero_grad: "zero_grad",
  step: "step",
  update: "update",
  stepped: "stepped",
  schedule: "schedule",
  batch: "batch",
  mode: "mode",
  train: "train",
  write: "write",
  error: "raised",
};
const BEFOREHAND = new Set(["input", "parameter", "data", "state"]);

export function read(data) {
  const r = {
    data,
    title:
      data.program?.script?.split(/[\\/]/).at(-1) ??
      data.files[0]?.path.split(/[\\/]/).at(-1) ??
      "Tadori",
    files: readFiles(data.files),
    stacks: data.stacks.map((stack) => stack.map((place) => readPlace(place, data.files))),
    modules: data.modules ?? {},
    cards: data.cards ?? {},
    moments: [],
    functions: [],
    tensors: [],
    arrays: [],
    passes: [],
    scenes: [],
    steps: [],
    optimizers: new Map(),
    node: new Map(),
    tensor: new Map(),
    array: new Map(),
    error: null,
    firstBad: null,
    leftOut: data.left_out ?? {},
  };
  readMoments(r);
  nameTensors(r);
  linkAll(r);
  r.notes = readNotes(r);
  r.memory = countMemory(r);
  gatherHolders(r);
  countLines(r);
  r.depth = loopDepth(r);
  makeScenes(r);
  readSteps(r);
  return r;
}

function readFiles(files) {
  const found = new Map();
  files.forEach((file) => {
    if (!file.text) return;
    const lines = file.text.replace(/\n$/, "").split("\n");
    found.set(file.path, {
      path: file.path,
      name: file.path.split(/[\\/]/).at(-1),
      lines,
      counts: new Map(),
    });
  });
  return found;
}

// ------------------------------------------------------------------------------ walking events

function readMoments(r) {
  const state = { pending: [], calls: new Map(), pass: null, passes: [], step: 1, visit: null };
  r.begin = { kind: "begin", i: 0, stack: [], events: [], step: 1 };
  r.moments.push(r.begin);
  for (const event of r.data.events) {
    const kind = event.before && event.kind === "function" ? null : MOMENTS[event.kind];
    const waits =
      (event.kind === "born" && (event.before || BEFOREHAND.has(event.role))) ||
      event.kind === "tensor";
    if (waits) state.pending.push(event);
    else {
      if (kind) addMoment(r, kind, event, state);
      const at = r.moments.length - 1;
      for (const earlier of state.pending) attach(r, earlier, at, state);
      state.pending = [];
      attach(r, event, at, state);
    }
  }
  for (const earlier of state.pending) attach(r, earlier, r.moments.length - 1, state);
}

function addMoment(r, kind, event, state) {
  const moment = {
    i: r.moments.length,
    kind,
    event,
    time: event.time,
    stack: r.stacks[event.at] ?? [],
    step: state.step,
    pass: state.pass,
    fn: null,
    events: [],
  };
  r.moments.push(moment);
}

function attach(r, event, at, state) {
  const moment = r.moments[at];
  moment.events.push(event);
  take[event.kind]?.(r, event, moment, state);
}

// ----------------------------------------------------------------------- what follows from it

function nameTensors(r) {
  for (const tensor of r.tensors) {
    if (!tensor.name && tensor.names.length) tensor.name = tensor.names[0].name;
    if (!tensor.maker && tensor.leaf && tensor.requiresGrad) tensor.isParameter = true;
  }
}

function linkAll(r) {
  for (const tensor of r.tensors) {
    tensor.array = r.array.get(tensor.arrayNumber) ?? null;
    tensor.array?.tensors.push(tensor);
  }
  for (const array of r.arrays) {
    const named = array.tensors.find((t) => t.name) ?? array.tensors[0];
    array.tensor = named ?? null;
    array.maker = array.tensors.find((t) => t.maker)?.maker ?? array.maker;
  }
  for (const pass of r.passes) {
    for (const visit of pass.visits) {
      for (const send of visit.sends) send.value = single(send.event.value);
      visit.sends = visit.sends.filter((s) => s.tensor);
    }
  }
  for (const tensor of r.tensors)
    for (const grad of tensor.grads) {
      const array = r.array.get(grad.array);
      if (array) (array.gradOf ??= []).push({ tensor, from: grad.from, to: grad.to });
    }
  for (const array of r.arrays) {
    for (const moment of r.moments.slice(array.died, array.died + 1)) {
      if (!moment.pass) continue;
      moment.pass.freed += array.bytes;
      moment.pass.freedArrays.push(array);
    }
    array.label = labelOf(array);
  }
}

function labelOf(array) {
  if (array.gradOf?.length)
    return `${array.gradOf[0].tensor.name || array.gradOf[0].tensor.id}.grad`;
  if (array.stateOf) return `${array.stateOf.tensor.name} ${array.stateOf.name}`;
  return array.tensor?.name || array.maker?.name || array.role;
}

function readNotes(r) {
  return ["values", "functions", "visits"]
    .filter((what) => r.leftOut[what])
    .map((what) => [what, r.leftOut[what]]);
}

function countLines(r) {
  for (const moment of r.moments) {
    const seen = new Set();
    const { born, freed } = moment.memory;
    const operation = moment.kind === "forward" || moment.kind === "visit" ? 1 : 0;
    const time = moment.kind === "forward" ? moment.fn.seconds : (moment.visit?.seconds ?? 0);
    for (const place of moment.stack) {
      const key = `${place.file}:${place.line}`;
      const file = r.files.get(place.file);
      if (!file || seen.has(key)) continue;
      seen.add(key);
      let counts = file.counts.get(place.line);
      if (!counts)
        file.counts.set(
          place.line,
          (counts = { operations: 0, time: 0, born: 0, freed: 0, moments: [] }),
        );
      counts.operations += operation;
      counts.time += time;
      counts.born += born;
      counts.freed += freed;
      counts.moments.push(moment.i);
    }
  }
}

// A scene is one graph: a new one begins with the first function that follows a backward or a step
// and uses nothing that the scene made, and with the first recorded one after unrecorded ones (data
// made ready, an evaluation), of which only those of the same line come along.
function makeScenes(r) {
  let scene = null;
  let over = true;
  for (const moment of r.moments) {
    if (moment.kind === "forward") {
      const f = moment.fn;
      const uses = scene && f.inputs.some((t) => t?.maker && scene.makers.has(t.maker));
      const first = scene && f.recorded && !scene.recorded;
      if (!scene || (!moment.pass && (first || (over && !uses)))) {
        const along = first ? takeLine(r, scene, moment) : [];
        scene = { functions: along, makers: new Set(along), recorded: false };
        r.scenes.push(scene);
        over = false;
        for (let i = along[0]?.born ?? moment.i; i < moment.i; i += 1) r.moments[i].scene = scene;
      }
      scene.functions.push(f);
      scene.makers.add(f);
      scene.recorded ||= f.recorded;
    }
    if (moment.kind === "passed" || moment.kind === "stepped") over = true;
    moment.scene = moment.pass ? (sceneOf(r, moment.pass) ?? scene) : scene;
  }
  r.scenes = r.scenes.filter((s) => s.functions.length);
  let next = r.scenes[0] ?? null;
  for (const moment of r.moments.toReversed()) {
    if (!moment.scene?.functions.length) moment.scene = next;
    next = moment.scene;
  }
}

// Takes those functions out of a scene that the present line made.
function takeLine(r, scene, moment) {
  const line = (m) =>
    m.stack
      .slice(0, r.depth)
      .map((p) => `${p.file}:${p.line}`)
      .join("|");
  const taken = [];
  while (scene.functions.length) {
    const f = scene.functions.at(-1);
    if (line(r.moments[f.born]) !== line(moment)) break;
    scene.functions.pop();
    scene.makers.delete(f);
    taken.unshift(f);
  }
  return taken;
}

const sceneOf = (r, pass) => r.scenes.findLast((s) => pass.root && s.makers.has(pass.root.maker));

function readSteps(r) {
  for (const step of r.steps) {
    step.loss = asNumber(step.event.loss ?? null);
    step.gradients = new Map();
    step.ratios = new Map();
  }
  const names = new Set();
  for (const moment of r.moments) {
    if (moment.kind !== "update" || !moment.tensor) continue;
    const step = r.steps.find((s) => s.at > moment.i);
    const { norms } = moment.event;
    if (!step || !norms) continue;
    const name = moment.tensor.name || moment.tensor.id;
    names.add(name);
    step.gradients.set(name, asNumber(norms.gradient));
    step.ratios.set(name, norms.value ? norms.update / norms.value : null);
  }
  if (!r.steps.length) {
    r.steps = r.passes.map((pass, i) => ({
      step: i + 1,
      at: pass.last,
      loss: asNumber(pass.event.loss ?? null),
      gradients: new Map(),
      ratios: new Map(),
    }));
  }
  r.parameters = [...names].map((name) => ({ name }));
}

// How deep the loop's own lines stand in the stack: there the reader walks line by line.
function loopDepth(r) {
  const loop = r.moments.filter(
    (m) => ["backward", "zero_grad", "step", "stepped", "batch"].includes(m.kind) && m.stack.length,
  );
  const lines = loop.length ? loop : r.moments.filter((m) => m.stack.length);
  return lines.reduce((least, m) => Math.min(least, m.stack.length), Infinity);
}

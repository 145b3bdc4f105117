// From the recorded events (docs/trace_schema.md) to what the panes show. Only this file and
// lives.js know the schema.
//
// A *moment* is an event at which the reader can stand; what follows it (births, deaths, gradients
// on their way) belongs to it. Everything that lives has `born` and `died`, in moments.

import { gatherHolders } from "page/holders.js";
import { countMemory } from "page/lives.js";

export const NEVER = Infinity;

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
  makeScenes(r);
  readSteps(r);
  r.depth = loopDepth(r);
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

const readPlace = ([file, line, column, lastLine, lastColumn, name], files) => ({
  file: files[file]?.path ?? "",
  short: files[file]?.path.split(/[\\/]/).at(-1) ?? "",
  line,
  column,
  lastLine,
  lastColumn,
  function: name,
  text: files[file]?.text.split("\n")[line - 1]?.trim() ?? "",
});

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
      for (const earlier of state.pending) take(r, earlier, at, state);
      state.pending = [];
      take(r, event, at, state);
    }
  }
  for (const earlier of state.pending) take(r, earlier, r.moments.length - 1, state);
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

function take(r, event, at, state) {
  const moment = r.moments[at];
  moment.events.push(event);
  TAKE[event.kind]?.(r, event, moment, state);
}

const TAKE = {
  born(r, e, moment) {
    if (r.array.has(e.array)) return;
    const array = {
      id: `a${e.array}`,
      number: e.array,
      bytes: e.bytes,
      role: e.role,
      shape: e.shape,
      dtype: e.dtype,
      born: e.before ? 0 : moment.i,
      known: moment.i,
      before: Boolean(e.before),
      died: NEVER,
      origin: e.before ? null : innermost(r, e),
      maker: moment.fn,
      tensors: [],
      life: [],
    };
    r.array.set(e.array, array);
    r.arrays.push(array);
  },

  tensor(r, e, moment) {
    addTensor(r, e, moment, null, 0);
  },

  died(r, e, moment) {
    const [map, number] = e.array
      ? [r.array, e.array]
      : e.tensor
        ? [r.tensor, e.tensor]
        : [r.node, e.node];
    const thing = map.get(number);
    if (!thing) return;
    thing.died = moment.i;
    thing.diedAt = innermost(r, e);
  },

  name(r, e, moment) {
    const tensor = r.tensor.get(e.tensor);
    if (!tensor) return;
    if (e.parameter) Object.assign(tensor, { name: e.name, isParameter: true });
    else tensor.names.push({ name: e.name, from: moment.i, to: NEVER, function: e.function });
  },

  unname(r, e, moment) {
    const names = r.tensor.get(e.tensor)?.names ?? [];
    const last = names.findLast((n) => n.name === e.name && n.to === NEVER);
    if (last) last.to = moment.i;
  },

  function(r, e, moment, state) {
    const f = {
      id: `f${e.node}`,
      number: e.node,
      name: e.op,
      event: e,
      recorded: Boolean(e.recorded),
      seq: e.seq,
      seconds: e.seconds ?? 0,
      options: e.options ?? {},
      born: e.before ? 0 : moment.i,
      died: NEVER,
      released: NEVER,
      origin: e.before ? null : innermost(r, e),
      modules: (e.modules ?? []).map((number, depth, all) =>
        modulePart(r, number, all[depth - 1], state),
      ),
      inputs: (e.inputs ?? []).map((input) =>
        input.tensor ? (r.tensor.get(input.tensor) ?? null) : null,
      ),
      rawInputs: e.inputs ?? [],
      outputs: [],
      saved: e.saved ?? [],
      wants: e.wants ?? [],
      visits: [],
      bad: false,
    };
    r.node.set(e.node, f);
    r.functions.push(f);
    if (!e.before) moment.fn = f;
    f.outputs = (e.outputs ?? []).map((output, index) =>
      output.tensor ? addTensor(r, output, moment, f, index) : placeholder(r, f, index, output),
    );
    for (const input of f.inputs) input?.users.push(f);
    f.bad = f.outputs.some(isBad) && !f.inputs.some((t) => t && isBad(t));
    if (f.bad) r.firstBad ??= { fn: f, at: moment.i, backward: false };
  },

  enter(r, e, moment, state) {
    state.calls.set(e.module, (state.calls.get(e.module) ?? 0) + 1);
  },

  backward(r, e, moment, state) {
    const pass = {
      number: e.walk,
      event: e,
      first: moment.i,
      last: moment.i,
      visits: [],
      grads: [],
      freed: 0,
      freedArrays: [],
      root: r.tensor.get(e.roots?.[0]?.tensor) ?? null,
      queue: new Set(),
    };
    if (pass.root?.maker) pass.queue.add(pass.root.maker);
    state.passes.push(state.pass);
    state.pass = pass;
    moment.pass = pass;
    r.passes.push(pass);
  },

  visit(r, e, moment, state) {
    const fn = r.node.get(e.node);
    const pass = state.pass;
    if (!fn || !pass) return;
    const waited = [...pass.queue].filter((f) => f !== fn);
    pass.queue.delete(fn);
    const visit = {
      at: moment.i,
      order: pass.visits.length + 1,
      fn,
      pass,
      event: e,
      sends: [],
      waited,
      seconds: 0,
    };
    pass.visits.push(visit);
    pass.last = moment.i;
    fn.visits.push(visit);
    if (e.released || (!fn.saved.length && !pass.event.retain_graph))
      fn.released = Math.min(fn.released, moment.i);
    Object.assign(moment, { fn, visit, order: visit.order });
    state.visit = visit;
  },

  sent(r, e, moment, state) {
    const pass = state.pass;
    const fn = r.node.get(e.node);
    const visit = pass?.visits.findLast((v) => v.fn === fn);
    if (!visit) return;
    const target = e.to?.node ? r.node.get(e.to.node) : null;
    const tensor = target ? target.outputs[e.to.output ?? 0] : r.tensor.get(e.to?.leaf);
    const send = { input: e.input, tensor, event: e, added: e.added, at: moment.i, pass, from: fn };
    visit.sends.push(send);
    tensor?.arrivals.push(send);
    if (target) pass.queue.add(target);
    if (notFinite(e.value) && !visit.event.gradient?.some((g) => notFinite(g?.value))) {
      r.firstBad ??= { fn, at: moment.i, backward: true };
    }
  },

  visited(r, e, moment, state) {
    const visit = state.pass?.visits.findLast((v) => v.fn.number === e.node);
    if (visit) visit.seconds = e.seconds;
  },

  grad(r, e, moment, state) {
    const tensor = r.tensor.get(e.tensor);
    if (!tensor) return;
    const grad = { tensor, event: e, from: moment.i, to: NEVER, array: e.array };
    const last = tensor.grads.at(-1);
    if (last && last.to === NEVER) last.to = moment.i;
    tensor.grads.push(grad);
    state.pass?.grads.push(grad);
  },

  passed(r, e, moment, state) {
    moment.pass = state.pass;
    if (state.pass) state.pass.last = moment.i;
    state.pass = state.passes.pop() ?? null;
    if (!r.hasOptimizer) state.step += 1;
  },

  optimizer(r, e) {
    r.optimizers.set(e.optimizer, e);
    r.hasOptimizer = true;
  },

  zero_grad(r, e, moment) {
    for (const { tensor } of e.cleared ?? []) {
      const last = r.tensor.get(tensor)?.grads.at(-1);
      if (last && last.to === NEVER && e.set_to_none !== false) {
        last.to = moment.i;
        last.cleared = moment.i;
      }
    }
  },

  update(r, e, moment) {
    const tensor = r.tensor.get(e.tensor);
    if (!tensor) return;
    tensor.updates.push({ at: moment.i, event: e });
    moment.tensor = tensor;
    for (const [name, number] of Object.entries(e.state ?? {})) {
      const array = r.array.get(number);
      if (array) array.stateOf = { name, tensor, from: array.stateOf?.from ?? moment.i };
    }
  },

  stepped(r, e, moment, state) {
    state.step += 1;
    r.steps.push({ step: moment.step, at: moment.i, event: e });
  },

  write(r, e, moment) {
    const array = r.array.get(e.array);
    if (array) (array.writes ??= []).push({ at: moment.i, event: e, origin: innermost(r, e) });
  },

  error(r, e, moment) {
    const stack = (e.traceback ?? []).map((place) => readPlace(place, r.data.files));
    if (stack.length) moment.stack = stack;
    const place = moment.stack.at(-1);
    r.error = {
      type: e.type,
      message: e.message,
      notes: e.notes ?? [],
      place,
      at: moment.i,
      waiting: r.node.get(e.waiting) ?? null,
    };
  },
};

const innermost = (r, event) => r.stacks[event.at]?.at(-1) ?? null;

function addTensor(r, e, moment, maker, index) {
  const tensor = {
    id: `t${e.tensor}`,
    number: e.tensor,
    shape: e.shape,
    dtype: e.dtype,
    array: null, // its birth may be told of later: see linkAll
    arrayNumber: e.array,
    requiresGrad: Boolean(e.requires_grad),
    leaf: e.leaf ?? !e.requires_grad,
    isParameter: false,
    name: e.name ?? "",
    names: [],
    value: readValue(e.value, e),
    view: Boolean(e.view),
    maker,
    index,
    users: [],
    arrivals: [],
    grads: [],
    updates: [],
    seen: moment.i,
    born: maker ? moment.i : 0,
    died: NEVER,
    badAt: NEVER,
    origin: innermost(r, { at: e.at ?? moment.event?.at }),
  };
  if (e.name) tensor.isParameter = true;
  if (isBad(tensor)) tensor.badAt = moment.i;
  r.tensor.set(e.tensor, tensor);
  r.tensors.push(tensor);
  return tensor;
}

// An output of a function that was made before the recording: only its shape is known.
function placeholder(r, f, index, output) {
  return {
    id: `${f.id}.${index}`,
    number: null,
    shape: output.shape ?? [],
    dtype: "",
    array: null,
    requiresGrad: true,
    name: "",
    names: [],
    value: null,
    maker: f,
    index,
    users: [],
    arrivals: [],
    grads: [],
    updates: [],
    seen: f.born,
    born: f.born,
    died: NEVER,
    badAt: NEVER,
    origin: f.origin,
  };
}

function modulePart(r, number, outer, state) {
  const { path = "", type = "" } = r.modules[number] ?? {};
  const around = r.modules[outer]?.path;
  const name = around && path.startsWith(`${around}.`) ? path.slice(around.length + 1) : path;
  return {
    name: name || type,
    type,
    path,
    number,
    call: `${number}:${state.calls.get(number) ?? 0}`,
  };
}

// ------------------------------------------------------------------------------------- values

const WORDS = { nan: NaN, inf: Infinity, "-inf": -Infinity };
export const asNumber = (x) => (typeof x === "string" && x in WORDS ? WORDS[x] : x);
const deep = (x) => (Array.isArray(x) ? x.map(deep) : asNumber(x));

// {shape, dtype, full | min, mean, max, histogram, nan, infinite}, or null where nothing was kept.
export function readValue(value, { shape, dtype }) {
  if (!value) return null;
  if ("whole" in value) {
    const full = deep(value.whole);
    const flat = [full].flat(Infinity);
    const nan = flat.filter(Number.isNaN).length;
    const infinite = flat.filter((x) => x === Infinity || x === -Infinity).length;
    return { shape, dtype, full, nan, infinite };
  }
  const { min, mean, max, histogram, nan, inf } = value;
  return {
    shape,
    dtype,
    min: asNumber(min),
    mean: asNumber(mean),
    max: asNumber(max),
    histogram,
    nan,
    infinite: inf,
  };
}

const isBad = (tensor) => Boolean(tensor.value && tensor.value.nan);

function notFinite(value) {
  if (!value) return false;
  return "whole" in value ? [value.whole].flat(Infinity).some((x) => x === "nan") : value.nan > 0;
}

// One number, where a gradient or a tensor is one.
export function single(value) {
  const flat = value && "whole" in value ? [deep(value.whole)].flat(Infinity) : [];
  return flat.length === 1 ? flat[0] : null;
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
  const { values = 0, functions = 0 } = r.leftOut;
  return [values && ["values", values], functions && ["functions", functions]].filter(Boolean);
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
// and uses nothing that the scene made, and with the first recorded one after unrecorded ones (data made ready, an evaluation).
function makeScenes(r) {
  let scene = null;
  let over = true;
  for (const moment of r.moments) {
    if (moment.kind === "forward") {
      const f = moment.fn;
      const uses = scene && f.inputs.some((t) => t?.maker && scene.makers.has(t.maker));
      const first = scene && f.recorded && !scene.recorded;
      if (!moment.pass && (first || (over && !uses))) {
        scene = { functions: [], makers: new Set(), recorded: false, number: r.scenes.length + 1 };
        r.scenes.push(scene);
        over = false;
      }
      scene ??= null;
      if (scene) {
        scene.functions.push(f);
        scene.makers.add(f);
        scene.recorded ||= f.recorded;
      }
    }
    if (moment.kind === "passed" || moment.kind === "stepped") over = true;
    moment.scene = moment.pass ? (sceneOf(r, moment.pass) ?? scene) : scene;
  }
  const first = r.scenes[0] ?? null;
  for (const moment of r.moments) moment.scene ??= first;
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

// What each kind of event (docs/trace_schema.md) adds to the recording: `take.kind(r, event,
// moment, state)`.

import { isBad, made, notFinite, readValue } from "page/readvalue.js";

export const NEVER = Infinity;

export const readPlace = ([file, line, column, lastLine, lastColumn, name], files) => ({
  file: files[file]?.path ?? "",
  short: files[file]?.path.split(/[\\/]/).at(-1) ?? "",
  line,
  column,
  lastLine,
  lastColumn,
  function: name,
  text: files[file]?.text.split("\n")[line - 1]?.trim() ?? "",
});

export const take = {
  born(r, e, moment) {
    if (r.array.has(e.array)) return;
    const array = {
      id: `a${e.array}`,
      number: e.array,
      bytes: e.bytes,
      role: e.role,
      shape: e.shape,
      dtype: e.dtype,
      born: moment.i,
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
    if (e.parameter) Object.assign(tensor, { name: e.name, isParameter: true, ofModel: true });
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
      bad: "",
    };
    r.node.set(e.node, f);
    r.functions.push(f);
    if (!e.before) moment.fn = f;
    f.outputs = (e.outputs ?? []).map((output, index) =>
      output.tensor ? addTensor(r, output, moment, f, index) : placeholder(r, f, index, output),
    );
    for (const input of f.inputs) input?.users.push(f);
    f.bad = made(f);
    if (f.bad) r.firstBad ??= { fn: f, at: moment.i, what: f.bad, backward: false };
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
      r.firstBad ??= { fn, at: moment.i, what: "nan", backward: true };
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
    isParameter: false, // or any leaf that asks for a gradient
    ofModel: false,
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
  if (e.name) tensor.isParameter = tensor.ofModel = true;
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

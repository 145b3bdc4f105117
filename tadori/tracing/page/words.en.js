// English.

const n = (count, one, many = `${one}s`) =>
  `${count.toLocaleString("en")} ${count === 1 ? one : many}`;

const LEFT_OUT = { values: "value", functions: "operation", visits: "backward visit" };

export const english = {
  own: "English",
  program: "Program",
  file: "File",
  graph: "Graph",
  here: "What happens here",
  time: "Memory and training",
  theme: "Light or dark",
  themes: { auto: "auto", light: "light", dark: "dark" },
  tabs: { memory: "Memory", story: "The parameters' story" },
  controls: {
    all: "Controls",
    start: "To the beginning (Home)",
    lineBack: "One line back (↑)",
    back: "One operation back (←)",
    play: "Play or pause (space)",
    step: "One operation on (→)",
    over: "Step over: one line on (↓)",
    end: "To the end (End)",
    into: "Step into the next backward (b)",
  },
  intoBackward: "into backward",
  moments: "Moments of the recording",
  momentLong: (at, all) => `moment ${at} of ${all}`,
  place: (step, at, all) => `step ${step} · moment ${at} of ${all}`,
  said: (m) =>
    [
      m.stack.at(-1)?.text,
      m.fn && (m.visit ? `backward ${m.visit.order}: ${m.fn.name}` : m.fn.name),
    ]
      .filter(Boolean)
      .join(". "),
  note: ([what, count]) => `${n(count, LEFT_OUT[what])} left out for lack of room`,
  raised: (e) =>
    `${e.type}${e.place ? ` at ${e.place.short}:${e.place.line}` : ""}: ${e.message.split("\n")[0]}`,
  firstBad: ({ fn, what, backward }) =>
    `The first ${what === "nan" ? "NaN" : "infinity"} was made by ${fn.name}${backward ? ", in backward" : ""}${fn.origin ? `, ${fn.origin.short}:${fn.origin.line}` : ""}.`,
  goThere: "go there",
  beginning:
    "The beginning. Press → for the next operation, ↓ for the next line, or click a line that ran.",
  legend: [
    "Blue pills are parameters, dotted ones tensors that were freed, dashed boxes operations that were not recorded.",
    "In backward, orange numbers tell the order of the visits, ∂ that a gradient arrived; what let go of its memory is faded.",
    "Boxes with a number of functions open by a click. Whatever is drawn can be picked: the code, the values, who holds it.",
    "Keys: → ← one operation, ↓ ↑ one line, b into the next backward, space plays, Home and End.",
  ],
  nothingHere: "This line ran, but caused nothing of note.",

  line: (number) => `line ${number}`,
  operationsShort: (count) => n(count, "op"),
  countsLong: (c) =>
    `${n(c.operations, "operation")}, ${(c.time * 1e3).toFixed(2)} ms, ${c.born.toLocaleString("en")} bytes came, ${c.freed.toLocaleString("en")} went`,

  functions: (count) => n(count, "function"),
  folded: (count) => `${count.toLocaleString("en")} folded into boxes: click one to open it`,
  closedForRoom: (count, most) =>
    `${n(count, "other box", "other boxes")} closed: at most ${most} nodes are drawn`,
  omitted: (count) => `${n(count, "tensor")} not drawn for lack of room`,
  inGroup: (functions, parameters) =>
    n(functions, "function") + (parameters ? `, ${n(parameters, "parameter")}` : ""),
  openGroup: (name, facts) => `${name}, ${facts}: open`,
  closeGroup: (name) => `${name}: close`,
  functionLong: (f) => `function ${f.name}${f.origin ? `, line ${f.origin.line}` : ""}`,
  tensorLong: (t) => `${t.isParameter ? "parameter" : "tensor"} ${t.name} ${t.shape.join(" by ")}`,
  smaller: "Smaller",
  larger: "Larger",
  noGraphYet: "No operation was recorded yet. The graph grows here as the lines run.",
  naive: "naive order",
  naiveWhy:
    "Number the functions as a stack would visit them, without waiting for both sides of a branch",

  functionNumber: (number) => `function ${number}`,
  madeAt: "made at ",
  madeBefore: "made before the recording began",
  notRecordedMode: "not recorded: under no_grad",
  notRecorded: "not recorded: no input requires a gradient",
  made: {
    nan: "This function made the NaN: none of its inputs has one.",
    inf: "This function made an infinity: its inputs are finite.",
  },
  counterpart: "In PyTorch",
  forward: "Forward",
  backward: "Backward",
  view: "looks at the memory of its input",
  keepsNothing: "It keeps nothing for backward.",
  keeps: (names, size) => `Kept for backward: ${names} (${size.toLocaleString("en")} bytes).`,
  released: "Released by now.",
  noDerivative: "It has no derivative.",
  notYetVisited: "Backward has not visited it yet.",
  visitedAs: (order, all) => `Visited as number ${order} of ${all}.`,
  newestOf: (seq) => `It was the newest (made as ${seq}); older ones waited: `,
  goesTo: "goes to ",
  addedTo: "is added to what waits at ",
  kernel: (name) => `kernels.${name} in NumPy`,
  readIn: "Its source: ",
  plainArray: "an array",
  notKept: "not kept",
  valuesLeftOut: "values left out for lack of room",
  noEntries: "no entries",
  notFinite: (nan, infinite) =>
    [nan && `⚠ ${n(nan, "NaN")}`, infinite && `⚠ ${n(infinite, "infinity", "infinities")}`]
      .filter(Boolean)
      .join(", "),
  statistics: (min, mean, max) => `min ${min} · mean ${mean} · max ${max}`,
  histogram: (min, max) => `histogram from ${min} to ${max}`,

  tensor: "tensor",
  creator: "made by ",
  noCreator: "a leaf: no function made it",
  usedBy: "used by ",
  gradient: "Gradient",
  from: "from",
  writtenAt: "written at ",
  addedToGrad: "added to the gradient that was there, at ",
  flowedThrough: (count) =>
    `${n(count, "gradient")} flowed through here, and ${count === 1 ? "was" : "were"} not kept:`,
  holds: "Who holds this?",
  holder: {
    name: (name, where) => `the variable ${name}${where ? ` in ${where}` : ""}:`,
    parameter: (name) => `the model, as ${name}:`,
    saved: (name) => `kept for backward as ${name} by`,
    grad: () => "the .grad of",
    state: (name) => `the optimizer, as ${name} of`,
    view: () => "a view:",
    tensor: () => "a tensor without a name:",
  },
  nobodyAnyMore: "Nobody: it was freed.",
  notBornYet: "Nobody yet: it is made later.",
  nobodyKnown: "Nobody whose hold was recorded.",
  thereBefore: "It was there before it was first seen.",
  bornAt: "Made at ",
  diedAt: "Freed at ",
  whenVisited: " when backward had passed ",
  livesOn: "It lives to the end of the recording.",
  kindNow: (kind) => `Now counted as: ${kind}.`,
  tensorsOn: "Tensors on this memory",

  why: {
    cleared: "zero_grad cleared it at",
    notLeaf:
      "It is not a leaf, and only leaves keep gradients; retain_grad() would keep it. Made by",
    noBackward: "No backward has run yet.",
    unused: "Nothing was computed from it.",
    usedUnrecorded: "It was used only where nothing was recorded:",
    notReached: "The loss was not computed from it: what was made from it is cut off or unused, at",
    integer: "It holds integers, and only floating-point tensors have gradients.",
    noGrad: "It was made under no_grad, at",
    detached: "It was cut from its history by detach(), at",
    fromNone: "It does not require a gradient: nothing that it was made from does.",
    plain: "It does not require a gradient: nobody asked for one.",
    unknown: "No reason was recorded.",
  },

  batch: (number, all) => `The DataLoader gave batch ${number}${all ? ` of ${all}` : ""}:`,
  recordingOn: "From here on operations are recorded again.",
  recordingOff: (name, inside, recorded) =>
    `${name}: ${n(inside, "operation")} inside, ${recorded} of them recorded. Without a record nothing is kept for backward, and no gradient can flow.`,
  training: (path, on) => `${path} is in ${on ? "training" : "evaluation"} mode now. `,
  behavesOtherwise: (names) => `These layers act differently for it: ${names}.`,
  noneBehaves:
    "None of its layers acts differently for it (only dropout and normalization with running statistics do).",
  operations: (all, recorded, time) =>
    `${n(all, "operation")}${recorded < all ? ` (${recorded} recorded)` : ""}, ${time}:`,
  memoryHere: (born, freed) => `memory: ${born} made, ${freed} freed`,
  keptForBackward: (count, size) => `kept for backward: ${n(count, "array")}, ${size}`,
  andMore: (count) => ` and ${count.toLocaleString("en")} more`,
  detach: "detach() gives a tensor on the same memory without a creator: gradients stop there.",
  cutFrom: (a, b) => [a, " shares the memory of ", b],
  nothingToClear: (count) =>
    `zero_grad looked at ${n(count, "parameter")}: none had a gradient, so nothing changed.`,
  cleared: (count, all, size) =>
    `zero_grad: the .grad of ${count} of ${n(all, "parameter")} became None; ${size} let go. Without it the next backward would add to them.`,
  filledWithZeros: (count) =>
    `zero_grad: the .grad of ${n(count, "parameter")} was filled with zeros.`,
  backwardDid: (visits, grads, freed) =>
    `backward: ${n(visits, "function")} visited, newest first; the gradients of ${n(grads, "tensor")} written; ${freed} freed on the way.`,
  startedFrom: (loss) => `it started from ${loss} with the gradient 1`,
  visitOrder: "order: ",
  gradsWritten: "gradients: ",
  gradsAdded: (count) =>
    `${count} were added to a gradient that was there already (no zero_grad before)`,
  retained: "retain_graph: what was kept stays, for another backward",
  createsGraph: "create_graph: the gradients were recorded, and can be differentiated again",
  nowVisiting: (order, all) => `Now: number ${order} of ${all}, `,
  sendsTo: ", sends gradients to ",
  nobody: "nobody",
  stop: ".",
  naiveSame:
    "Naive order: a stack would have given the same gradients here: there is no branch that it enters too early.",
  naiveWrong: (count) =>
    `Naive order: a stack visits ${n(count, "function")} before all gradients have arrived there; what comes later is lost.`,
  arrivedOf: (arrived, all) => `: ${arrived} of ${all} had arrived`,
  rightOrder: "right",
  naiveOrder: "naive",
  incomplete: "incomplete",
  stepDid: (type, count) =>
    `${type} updated ${n(count, "parameter")} in place, from their gradients; no graph is made. The rule:`,
  inNumbers: "In numbers: ",
  parameter: "Parameter",
  entry: (index) => (index.length ? `entry [${index.join(", ")}]` : "its number"),
  theGradient: "gradient",
  before: "before",
  after: "after",
  value: "value",
  changedBy: "change",
  ratio: "size of update / size of weight",
  scheduled: (type, before, after) =>
    `${type}: learning rate ${before} → ${after}. It acts from the next step on.`,
  wrote: (by, version) => `${by} changed memory in place (change ${version}): `,
  staleFor: " – stale now for ",
  walkStoppedAt: "backward stopped before ",
  stale: (name) => `${name} was kept, then changed: `,
  savedAt: "kept at ",
  changedAt: ", changed at ",
  releasedBy: (number) => `what it kept was released by backward number ${number}, at `,
  stillNamed: (names) => `the graph is still reachable through ${names}`,
  retainRemedy:
    "a second backward through it would need retain_graph=True in the first, or the forward once more",

  kinds: {
    parameter: "parameters",
    optimizer: "optimizer state",
    gradient: "gradients",
    activation: "kept for backward",
    data: "data",
    temporary: "temporary",
  },
  alive: "Arrays that live now, largest first",
  more: (count) => `and ${count.toLocaleString("en")} smaller ones`,
  peak: (size, place) => `peak ${size}${place ? ` at ${place.short}:${place.line}` : ""}`,
  memoryLong: (size, place) =>
    `Memory over the recording, by kind; the peak is ${size}${place ? `, at line ${place.line}` : ""}`,
  arrayLong: (a) =>
    `${a.label}, ${a.bytes.toLocaleString("en")} bytes${a.origin ? `, made at line ${a.origin.line}` : ""}${a.diedAt ? `, freed at line ${a.diedAt.line}` : ""}`,
  loss: "loss",
  gradientNorm: (name) => `‖∂ ${name}‖`,
  updateRatio: (name) => `‖Δ‖ / ‖${name}‖`,
  noSteps: "No step of an optimizer and no backward was recorded.",
};

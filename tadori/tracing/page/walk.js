// Where the reader stands: one moment of the recording, how deep in the calls, and what is picked.

// Moments are numbered from 0; `at` is the one being shown, its effects included.
export function makeWalk(recording) {
  const listeners = new Set();
  const { moments } = recording;
  const spansAt = new Map();

  // Stretches of moments on one line, seen no deeper than `depth` calls; `of` tells the number of
  // each moment's stretch.
  function spans(depth) {
    if (spansAt.has(depth)) return spansAt.get(depth);
    const found = { of: new Int32Array(moments.length), spans: [] };
    let last = null;
    for (const { i, stack } of moments) {
      const key = stack
        .slice(0, depth)
        .map((p) => `${p.file}:${p.line}`)
        .join("|");
      if (key !== last) found.spans.push({ first: i, last: i });
      last = key;
      found.spans.at(-1).last = i;
      found.of[i] = found.spans.length - 1;
    }
    spansAt.set(depth, found);
    return found;
  }

  const walk = {
    at: 0,
    depth: recording.depth,
    picked: null, // a function, a tensor or an array of the recording
    playing: false,
    naive: false,

    get moment() {
      return moments[walk.at];
    },

    // The places of the present line, innermost first.
    get frames() {
      return walk.moment.stack.slice(0, walk.depth).reverse();
    },

    // The stretch of moments that the present line made.
    get span() {
      const { of, spans: all } = spans(walk.depth);
      return all[of[walk.at]];
    },

    watch(listener) {
      listeners.add(listener);
    },

    tell(what) {
      for (const listener of listeners) listener(what);
    },

    go(at, depth = Infinity) {
      walk.at = Math.max(0, Math.min(moments.length - 1, at));
      walk.depth = depth;
      walk.tell("moved");
    },

    pick(thing) {
      walk.picked = walk.picked === thing ? null : thing;
      walk.tell("picked");
    },

    // To the end of the next line (or the one before), stepping over what it calls.
    line(direction) {
      const depth = Number.isFinite(walk.depth) ? walk.depth : recording.depth;
      const { of, spans: all } = spans(depth);
      const here = of[walk.at];
      const inside = direction > 0 && walk.at < all[here].last;
      const next = inside ? here : Math.max(0, Math.min(all.length - 1, here + direction));
      walk.go(all[next].last, depth);
    },

    // To where this line of a file ran next, or first.
    toLine(file, line) {
      const runs = file.counts.get(line)?.moments ?? [];
      const at = runs.find((i) => i > walk.span.last) ?? runs[0];
      if (at === undefined) return;
      const depth = 1 + moments[at].stack.findIndex((p) => p.file === file.path && p.line === line);
      const { of, spans: all } = spans(depth);
      walk.go(all[of[at]].last, depth);
    },

    // To the first function that the next backward visits.
    intoBackward() {
      const next = moments.findIndex((m, i) => i > walk.at && m.kind === "visit" && m.order === 1);
      if (next >= 0) walk.go(next);
      return next >= 0;
    },

    play(on) {
      walk.playing = on;
      walk.tell("playing");
    },
  };
  return walk;
}

// Arrow keys and others, anywhere but where a key has a meaning of its own.
export function listenToKeys(walk, target) {
  const keys = {
    ArrowRight: () => walk.go(walk.at + 1),
    ArrowLeft: () => walk.go(walk.at - 1),
    ArrowDown: () => walk.line(1),
    ArrowUp: () => walk.line(-1),
    Home: () => walk.go(0),
    End: () => walk.go(Infinity),
    b: () => walk.intoBackward(),
    " ": () => walk.play(!walk.playing),
    Escape: () => walk.picked && walk.pick(walk.picked),
  };
  target.addEventListener("keydown", (event) => {
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
    const element = event.target;
    if (element.matches?.("select, input:not([type=range]), textarea")) return;
    if (event.key === " " && element.matches?.("button, [role=button], [role=tab], input")) return;
    const action = keys[event.key];
    if (!action) return;
    event.preventDefault();
    action();
  });
}

// Memory at each moment, by kind. An array's kind changes: an output is an activation while some
// function keeps it for backward, and temporary before and after.

export const KINDS = ["parameter", "optimizer", "gradient", "activation", "data", "temporary"];
const NEVER = Infinity;
const FIXED = { parameter: "parameter", state: "optimizer", gradient: "gradient", data: "data" };

export function countMemory(r) {
  const count = r.moments.length;
  const live = Object.fromEntries(KINDS.map((kind) => [kind, new Float64Array(count + 1)]));
  for (const moment of r.moments) moment.memory = { born: 0, freed: 0 };
  for (const array of r.arrays) {
    array.life = lifeOf(array, keepers(r, array));
    array.kindAt = (at) =>
      array.life.findLast((part) => part.from <= at)?.kind ?? array.life[0].kind;
    for (const { kind, from, to } of array.life) {
      live[kind][from] += array.bytes;
      if (to <= count) live[kind][to] -= array.bytes;
    }
    if (!array.before) r.moments[array.born].memory.born += array.bytes;
    if (array.died < count) r.moments[array.died].memory.freed += array.bytes;
  }
  for (const kind of KINDS) for (let i = 1; i <= count; i += 1) live[kind][i] += live[kind][i - 1];
  const total = Float64Array.from({ length: count }, (_, i) =>
    KINDS.reduce((sum, kind) => sum + live[kind][i], 0),
  );
  // What is born and freed within one moment is temporary too: each moment is shown at its highest.
  const high = highest(r, total);
  for (let i = 0; i < count; i += 1) live.temporary[i] += high[i] - total[i];
  const peak = high.reduce((best, bytes, i) => (bytes > high[best] ? i : best), 0);
  const used = new Set(KINDS.filter((kind) => live[kind].some((bytes) => bytes > 0)));
  return {
    live,
    total,
    high,
    used,
    peak: { at: peak, bytes: high[peak] ?? 0, place: r.moments[peak]?.stack.at(-1) ?? null },
  };
}

// The most bytes that were alive at once in each moment.
function highest(r, total) {
  const born = new Set();
  let now = 0;
  return total.map((end, i) => {
    let most = end;
    for (const event of r.moments[i].events) {
      const array = event.array && r.array.get(event.array);
      if (array && event.kind === "born" && !born.has(array)) {
        now += array.bytes;
        born.add(array);
        most = Math.max(most, now);
      } else if (array && event.kind === "died") {
        now -= array.bytes;
      }
    }
    return most;
  });
}

// The spans in which functions keep the array for backward.
function keepers(r, array) {
  r.keptBy ??= gatherKept(r);
  return r.keptBy.get(array.number) ?? [];
}

function gatherKept(r) {
  const found = new Map();
  for (const f of r.functions) {
    for (const { name, array } of f.saved) {
      const span = { fn: f, name, from: f.born, to: Math.min(f.released, f.died) };
      if (!found.has(array)) found.set(array, []);
      found.get(array).push(span);
    }
  }
  return found;
}

function lifeOf(array, kept) {
  const fixed = FIXED[array.role];
  const [from, to] = [array.born, Math.max(array.died, array.born)];
  if (array.gradOf?.length) return [{ kind: "gradient", from, to }];
  if (array.stateOf) return [{ kind: "optimizer", from, to }];
  if (array.tensors.some((t) => t.isParameter)) return [{ kind: "parameter", from, to }];
  if (array.role === "input" || array.before) return [{ kind: "data", from, to }];
  if (fixed) return [{ kind: fixed, from, to }];
  const starts = Math.min(...kept.map((span) => span.from), NEVER);
  const ends = Math.min(Math.max(...kept.map((span) => span.to), -1), to);
  if (starts >= to) return [{ kind: "temporary", from, to }];
  const parts = [
    { kind: "temporary", from, to: starts },
    { kind: "activation", from: starts, to: ends },
    { kind: "temporary", from: ends, to },
  ];
  return parts.filter((part) => part.from < part.to);
}

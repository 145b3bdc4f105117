// What a walk back would do that did not wait: functions taken from the end of a list, each once.
//
// The engine visits a function when all its consumers have been visited. A stack does not wait: at
// a branch it passes on a gradient before the other branch has added its part, and that part is
// lost.

// pass: {visits: [{fn, sends: [{tensor, value}], into}]}, in the engine's order. Gives {orders:
// Map(fn -> [number]), early: [{fn, arrived, all}], leaves: [{tensor, wrong, right}]}.
export function naiveOrder(pass) {
  if (pass.naive) return pass.naive;
  const visitOf = new Map(pass.visits.map((visit) => [visit.fn, visit]));
  const right = sums(pass.visits);
  const wrong = new Map(); // tensor -> {count, sum}
  const stack = [pass.visits[0].fn];
  const seen = new Set(stack);
  const orders = new Map();
  const early = [];
  while (stack.length) {
    const fn = stack.pop();
    const visit = visitOf.get(fn);
    orders.set(fn, [orders.size + 1]);
    const scale = share(fn, wrong, right, early, orders.size === 1);
    for (const { tensor, value } of visit.sends) {
      add(wrong, tensor, scale === null || value === null ? null : value * scale);
      if (tensor.maker && visitOf.has(tensor.maker) && !seen.has(tensor.maker)) {
        seen.add(tensor.maker);
        stack.push(tensor.maker);
      }
    }
  }
  const leaves = [...right].filter(([tensor]) => !tensor.maker || !visitOf.has(tensor.maker));
  pass.naive = {
    orders,
    early,
    leaves: leaves.map(([tensor, { sum }]) => ({
      tensor,
      right: sum,
      wrong: wrong.get(tensor)?.sum ?? null,
    })),
  };
  return pass.naive;
}

function sums(visits) {
  const found = new Map();
  for (const { sends } of visits) for (const { tensor, value } of sends) add(found, tensor, value);
  return found;
}

function add(sums, tensor, value) {
  const now = sums.get(tensor) ?? { count: 0, sum: 0 };
  now.count += 1;
  now.sum = value === null || now.sum === null ? null : now.sum + value;
  sums.set(tensor, now);
}

// How much of the right gradient of `fn`'s output has arrived: a formula is linear in it, so for
// single numbers what it sends shrinks in the same measure; null where that is not one number.
function share(fn, wrong, right, early, first) {
  if (first) return 1;
  const outputs = fn.outputs.filter((t) => right.has(t));
  const arrived = outputs.reduce((n, t) => n + (wrong.get(t)?.count ?? 0), 0);
  const all = outputs.reduce((n, t) => n + right.get(t).count, 0);
  if (arrived < all) early.push({ fn, arrived, all });
  if (outputs.length !== 1) return arrived === all ? 1 : null;
  const [output] = outputs;
  const whole = right.get(output).sum;
  const part = wrong.get(output)?.sum ?? 0;
  if (whole === null || part === null) return null;
  if (whole === 0) return part === 0 ? 1 : null;
  return part / whole;
}

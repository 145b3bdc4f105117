// Values as they were recorded: numbers, small arrays in full, large ones summed up.

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

// Parameters change: the value after the last update that has happened.
export function valueAt(tensor, at) {
  const update = tensor.updates.findLast((u) => u.at <= at);
  return update?.event.value ? readValue(update.event.value, tensor) : tensor.value;
}

// "nan" or "inf" if a function made one of these, and did not pass it on; "" otherwise. An infinity
// that was handed in as a number (a mask's) was meant.
export function made(f) {
  const some = (tensors, what) => tensors.some((t) => t?.value?.[what] > 0);
  if (some(f.outputs, "nan")) return some(f.inputs, "nan") ? "" : "nan";
  const meant = JSON.stringify([f.rawInputs, f.options]).includes("inf");
  return some(f.outputs, "infinite") && !some(f.inputs, "infinite") && !meant ? "inf" : "";
}

export const isBad = (tensor) => Boolean(tensor.value?.nan);

export function notFinite(value) {
  if (!value) return false;
  return "whole" in value ? [value.whole].flat(Infinity).some((x) => x === "nan") : value.nan > 0;
}

// One number, where a gradient or a tensor is one.
export function single(value) {
  const flat = value && "whole" in value ? [deep(value.whole)].flat(Infinity) : [];
  return flat.length === 1 ? flat[0] : null;
}

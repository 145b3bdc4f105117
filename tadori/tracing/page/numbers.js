// Numbers as people read them.

const UNITS = ["B", "kB", "MB", "GB", "TB"];

export function bytes(count) {
  if (count == null) return "";
  let unit = 0;
  let size = Math.abs(count);
  while (size >= 1000 && unit < UNITS.length - 1) {
    size /= 1000;
    unit += 1;
  }
  const text = unit === 0 || size >= 100 ? Math.round(size) : size.toFixed(1);
  return `${count < 0 ? "−" : ""}${text} ${UNITS[unit]}`;
}

export function seconds(time) {
  if (time == null) return "";
  if (time >= 1) return `${time.toFixed(2)} s`;
  if (time >= 1e-3) return `${(time * 1e3).toFixed(time >= 0.1 ? 0 : 1)} ms`;
  return `${Math.round(time * 1e6)} µs`;
}

// Four significant digits; what is not finite says so.
export function number(value) {
  if (value === null || value === undefined) return "–";
  if (typeof value !== "number") return String(value);
  if (Number.isNaN(value)) return "NaN";
  if (!Number.isFinite(value)) return value > 0 ? "∞" : "−∞";
  if (Number.isInteger(value) && Math.abs(value) < 1e6) return String(value).replace("-", "−");
  const size = Math.abs(value);
  const text =
    size >= 1e-3 && size < 1e5 ? Number(value.toPrecision(4)).toString() : value.toExponential(2);
  return text.replaceAll("-", "−");
}

// A number as the program has it, with all its digits.
export const exact = (value) =>
  Number.isFinite(value) ? String(value).replaceAll("-", "−") : number(value);

export const shapeText = (shape) => (shape == null ? "" : shape.length ? shape.join("×") : "·");

// Scales and ticks of charts: numbers, powers of ten, dates, time spans. Pure.
export interface Tick {
  at: number;
  label: string;
}

export type AxisKind = "number" | "time" | "span";

export type Scale = (value: number) => number;

/** Maps a range of values to a range of pixels; a range without width is put in the middle. */
export function linear(low: number, high: number, from: number, to: number): Scale {
  const half = high / 2 - low / 2; // halved: the width of the range may not be a number
  if (!(half > 0)) return () => (from + to) / 2;
  return (value) => from + ((value / 2 - low / 2) / half) * (to - from);
}

/** Maps values above 0 to pixels by their logarithm. */
export function logarithmic(low: number, high: number, from: number, to: number): Scale {
  const scale = linear(Math.log10(low), Math.log10(high), from, to);
  return (value) => scale(Math.log10(value));
}

/** The step of 1, 2 or 5 times a power of ten that gives about `count` steps. */
export function niceStep(width: number, count: number): number {
  const raw = width / Math.max(1, count);
  const power = 10 ** Math.floor(Math.log10(raw));
  const share = raw / power;
  return (share < 1.5 ? 1 : share < 3.5 ? 2 : share < 7.5 ? 5 : 10) * power;
}

/** Ticks at round numbers within a range. */
export function numberTicks(low: number, high: number, count: number): Tick[] {
  if (!Number.isFinite(low) || !Number.isFinite(high)) return [];
  const step = niceStep(high - low, count);
  if (!(high > low) || !Number.isFinite(step) || step === 0) return [{ at: low, label: shortNumber(low, 0) }];
  const first = Math.ceil(low / step - 1e-9);
  const last = Math.floor(high / step + 1e-9);
  if (!(last - first < 1000)) return [];
  const ticks: Tick[] = [];
  for (let place = first; place <= last; place += 1) {
    const at = place === 0 ? 0 : Number((place * step).toPrecision(12));
    ticks.push({ at, label: shortNumber(at, step) });
  }
  return ticks;
}

/** Ticks at powers of ten; where there are fewer than two, at 1, 2 and 5 times them. */
export function logTicks(low: number, high: number, count: number): Tick[] {
  if (!(low > 0) || !(high > low)) return low > 0 ? [{ at: low, label: shortNumber(low, 0) }] : [];
  const ticksAt = (factors: number[], every: number): Tick[] => {
    const ticks: Tick[] = [];
    for (let power = Math.floor(Math.log10(low)); power <= Math.ceil(Math.log10(high)); power += 1) {
      if (power % every !== 0) continue;
      for (const factor of factors) {
        const at = Number((factor * 10 ** power).toPrecision(12));
        if (at >= low * (1 - 1e-9) && at <= high * (1 + 1e-9)) ticks.push({ at, label: shortNumber(at, 0) });
      }
    }
    return ticks;
  };
  const powers = Math.log10(high) - Math.log10(low);
  const plain = ticksAt([1], Math.max(1, Math.ceil(powers / Math.max(2, count))));
  if (plain.length >= 3) return plain;
  const finer = ticksAt([1, 2, 5], 1);
  return finer.length >= 2 ? finer : numberTicks(low, high, count);
}

const MINUTE = 60;
const HOUR = 3600;
const DAY = 86_400;
const STEPS = [1, 2, 5, 10, 15, 30, MINUTE, 2 * MINUTE, 5 * MINUTE, 10 * MINUTE, 15 * MINUTE, 30 * MINUTE].concat([
  HOUR, 2 * HOUR, 3 * HOUR, 6 * HOUR, 12 * HOUR, DAY, 2 * DAY, 7 * DAY, 14 * DAY,
]);

/** Ticks at round times (UTC) within a range in seconds since 1970. */
export function timeTicks(low: number, high: number, count: number): Tick[] {
  const width = high - low;
  if (!(width > 0)) return [{ at: low, label: isoTime(low, 1) }];
  if (width / count < 1) return numberTicks(low, high, count).map(({ at }) => ({ at, label: isoTime(at, 0.1) }));
  const step = STEPS.find((one) => width / one <= count);
  if (step === undefined) return calendarTicks(low, high, count);
  const ticks: Tick[] = [];
  for (let place = Math.ceil(low / step); place <= Math.floor(high / step); place += 1) {
    ticks.push({ at: place * step, label: isoTime(place * step, step) });
  }
  return ticks;
}

function calendarTicks(low: number, high: number, count: number): Tick[] {
  const months = (high - low) / (DAY * 30.44);
  const step = [1, 2, 3, 6].find((one) => months / one <= count) ?? 12 * Math.max(1, niceStep(months / 12, count));
  const begin = new Date(low * 1000);
  let month = Math.floor((begin.getUTCFullYear() * 12 + begin.getUTCMonth()) / step) * step;
  const ticks: Tick[] = [];
  for (; ticks.length < 100; month += step) {
    const date = new Date(0);
    date.setUTCFullYear(Math.floor(month / 12), month % 12, 1);
    const at = date.getTime() / 1000;
    if (!(at <= high)) break;
    if (at >= low) ticks.push({ at, label: date.toISOString().replace(/^\+0*/, "").slice(0, step >= 12 ? -20 : -17) });
  }
  return ticks;
}

function isoTime(seconds: number, step: number): string {
  const date = new Date(seconds * 1000);
  if (Number.isNaN(date.getTime())) return shortNumber(seconds, 0);
  const text = date.toISOString();
  if (step >= DAY) return text.slice(0, -14);
  if (step >= MINUTE) return seconds % DAY === 0 ? text.slice(0, -14) : text.slice(-13, -8);
  return step >= 1 ? text.slice(-13, -5) : text.slice(-13, -1);
}

/** Ticks of time spans in seconds. */
export function spanTicks(low: number, high: number, count: number): Tick[] {
  const unit = [DAY, HOUR, MINUTE, 1].find((one) => high - low >= 2 * one) ?? 1;
  const name = { [DAY]: " d", [HOUR]: " h", [MINUTE]: " min", 1: " s" }[unit] ?? "";
  return numberTicks(low / unit, high / unit, count).map(({ at, label }) => ({ at: at * unit, label: label + name }));
}

/** Ticks by what the axis shows. */
export function ticksOf(kind: AxisKind, low: number, high: number, count: number): Tick[] {
  return { number: numberTicks, time: timeTicks, span: spanTicks }[kind](low, high, count);
}

/** A number as ticks have it: as many digits as its step needs, thousands and millions short. */
export function shortNumber(value: number, step: number): string {
  const size = Math.abs(value);
  if (size >= 1e15 || (size > 0 && size < 1e-4)) return value.toExponential().length > 7 ? value.toExponential(1) : value.toExponential();
  const unit = size >= 1e12 ? 1e12 : size >= 1e9 ? 1e9 : size >= 1e6 ? 1e6 : size >= 1e4 ? 1e3 : 1;
  const name = { 1e12: "T", 1e9: "G", 1e6: "M", 1e3: "k", 1: "" }[unit] ?? "";
  if (step === 0) return `${Number((value / unit).toPrecision(4))}${name}`;
  const digits = Math.min(12, Math.max(0, -Math.floor(Math.log10(step / unit) + 1e-9)));
  return `${(value / unit).toFixed(digits)}${name}`;
}

/** One value in words, for what the mouse points at. */
export function valueText(kind: AxisKind, value: number): string {
  if (kind === "time") {
    const date = new Date(value * 1000);
    if (!Number.isNaN(date.getTime())) return date.toISOString().replace(/T00:00:00\.000Z$|\.000Z$|Z$/, "").replace("T", " ");
  }
  const text = Math.abs(value) >= 1e15 ? value.toExponential(4) : String(Number(value.toPrecision(7)));
  return kind === "span" ? `${text} s` : text;
}

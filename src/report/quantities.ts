const KIB = 1024;
const MIB = 1024 * KIB;
const GIB = 1024 * MIB;

/** `1 MiB`, `1.5 KiB`, `710 bytes`: three digits at most, all units of 1024. */
export function sizeText(bytes: number): string {
  if (bytes >= GIB) return `${short(bytes / GIB)} GiB`;
  if (bytes >= MIB) return `${short(bytes / MIB)} MiB`;
  if (bytes >= KIB) return `${short(bytes / KIB)} KiB`;
  return `${bytes} ${bytes === 1 ? 'byte' : 'bytes'}`;
}

/** A size that people compare with `ls`: the unit and the exact number. */
export function exactSizeText(bytes: number): string {
  return bytes < KIB ? sizeText(bytes) : `${sizeText(bytes)} (${bytes} bytes)`;
}

/** `1.2 MiB/s`. */
export function rateText(bytesPerSecond: number): string {
  return `${sizeText(Math.round(bytesPerSecond))}/s`;
}

/** Remaining or elapsed time for a moving picture: `0:07`, `12:30`, `1:02:03`. */
export function clockText(ms: number): string {
  const total = Math.max(0, Math.round(ms / 1000));
  const seconds = String(total % 60).padStart(2, '0');
  const minutes = Math.floor(total / 60) % 60;
  const hours = Math.floor(total / 3600);
  return hours > 0 ? `${hours}:${String(minutes).padStart(2, '0')}:${seconds}` : `${minutes}:${seconds}`;
}

/** A time that has passed: `0.4 s`, `12.3 s`, `2 min 5 s`. */
export function secondsText(seconds: number): string {
  if (seconds < 60) return `${seconds.toFixed(1)} s`;
  const whole = Math.round(seconds);
  return `${Math.floor(whole / 60)} min ${whole % 60} s`;
}

/** A limit as a playbook writes it: `500ms`, `300s`, `2m`, `2h`. */
export function durationText(ms: number): string {
  if (ms >= 3_600_000 && ms % 3_600_000 === 0) return `${ms / 3_600_000}h`;
  if (ms >= 60_000 && ms % 60_000 === 0) return `${ms / 60_000}m`;
  if (ms % 1000 === 0) return `${ms / 1000}s`;
  return `${ms}ms`;
}

/** `1 device`, `3 devices`. */
export function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}

/** Vendor and product as one name; most products begin with their vendor. */
export function modelText({
  vendor,
  product,
}: {
  readonly vendor: string;
  readonly product: string;
}): string {
  return product.startsWith(`${vendor} `) ? product : `${vendor} ${product}`;
}

function short(value: number): string {
  const digits = value >= 100 ? 0 : value >= 10 ? 1 : 2;
  return String(Number(value.toFixed(digits)));
}

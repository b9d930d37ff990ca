// One line a figure, as `server/benches/http/report.rs` prints them.

/** What was asked beside what was measured. */
export function line(what: string, asked: string, measured: string, met: boolean): void {
  console.log(`${what.padEnd(46)} ${asked.padStart(10)}   ${measured} ${met ? "" : "missed"}`.trimEnd());
}

/** The value below which that share of the values lies. */
export function quantile(values: number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? NaN;
}

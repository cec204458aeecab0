// What a soak shows while it runs and what it came to, for a reader. Called by bench/soak.ts.

import type { Progress, Report } from "../../test/delivery/simulation.ts";

export interface Round {
  /** The seed. */
  readonly name: string;
  readonly report: Report;
}

const SHOW_EVERY_MS = 2_000;

/** One line that is written over itself on a terminal, and anew in a log. */
export const createProgressLine = (
  label: string,
  out: { readonly isTTY?: boolean; write(text: string): unknown },
) => {
  let shownAt = 0;
  return {
    show(progress: Progress): void {
      if (Date.now() - shownAt < SHOW_EVERY_MS) return;
      shownAt = Date.now();
      const { said, delivered, answered, virtualMs } = progress;
      const text = `${label}: ${said} said, ${delivered} delivered, ${answered} answered, ${minutesOf(virtualMs)} gone by`;
      out.write(out.isTTY ? `\r\u001b[K${text}` : `${text}\n`);
    },
    end(): void {
      if (out.isTTY) out.write("\r\u001b[K");
    },
  };
};

const minutesOf = (ms: number): string => `${(ms / 60_000).toFixed(1)} min`;

export const summary = (rounds: readonly Round[]): string =>
  rounds
    .map(({ name, report }) => {
      const { said, delivered, answered, repeated, deaths, notices, virtualMs, problems, stories } = report;
      const head = `seed ${name}: ${said} messages, ${delivered} delivered, ${answered} answered in ${minutesOf(virtualMs)} of their time; ${deaths} processes killed, ${notices} events given up by Lambda, ${repeated} answers repeated where that may be`;
      if (problems.length === 0) return `${head}. Nothing lost, doubled or out of order.`;
      return [head, ...problems.map((line) => `  ✗ ${line}`), ...stories.map((line) => `    ${line}`)].join(
        "\n",
      );
    })
    .join("\n");

/** Every kind of trouble with its count over all rounds, most frequent first. */
export const total = (reports: readonly Report[]): string => {
  const counts = new Map<string, number>();
  for (const { troubles } of reports)
    for (const [kind, count] of troubles) counts.set(kind, (counts.get(kind) ?? 0) + count);
  const sum = (field: "said" | "answered" | "repeated" | "deaths") =>
    reports.reduce((all, report) => all + report[field], 0);
  const problems = reports.reduce((all, report) => all + report.problems.length, 0);
  return [
    `${reports.length} rounds, ${sum("said")} messages, ${sum("answered")} answered, ${sum("repeated")} repeated where that may be, ${sum("deaths")} processes killed: ${problems} problems`,
    ...[...counts]
      .toSorted(([, a], [, b]) => b - a)
      .map(([kind, count]) => `  ${String(count).padStart(6)}  ${kind}`),
  ].join("\n");
};

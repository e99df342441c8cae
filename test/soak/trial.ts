/** What a run of the soak was told. */
export interface SoakOptions {
  readonly minutes: number;
  /** What random things are made of: the same seed makes the same. */
  readonly seed: number;
  /** What is being done at the moment, for whoever waits. */
  readonly say: (what: string) => void;
}

/** One thing that must hold for as long as one likes to look. */
export interface Trial {
  /** What selects it on the command line. */
  readonly letter: string;
  readonly title: string;
  /** How long it runs when nobody says. */
  readonly minutes: number;
  run(options: SoakOptions): Promise<readonly Check[]>;
}

/** One line of the table. */
export interface Check {
  readonly what: string;
  readonly value: string;
  /** Undefined: for information. */
  readonly ok?: boolean | undefined;
}

/** Calls `tick` every `interval` milliseconds until the minutes are over. */
export async function forMinutes(minutes: number, interval: number, tick: () => Promise<void> | void): Promise<void> {
  const until = performance.now() + minutes * 60_000;
  while (performance.now() < until) {
    await new Promise((resolve) => setTimeout(resolve, Math.min(interval, until - performance.now())));
    await tick();
  }
}

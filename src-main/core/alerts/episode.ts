/** What one look at a node says: it is as the rule warns of, it is fine, or, of a stretch of time, it was both. */
export type Verdict = "bad" | "good" | "mixed";

/** How far a rule has come with a node. In `firing` and `recovering` there is an alert. */
export interface Episode {
  readonly phase: "good" | "pending" | "firing" | "recovering";
  /** Since when it is bad (pending) or good again (recovering). */
  readonly since: number;
  /** The time of the last look. */
  readonly seenAt: number;
}

export interface EpisodeTimes {
  /** How long it must be bad before it is an alert. */
  readonly for: number;
  /** How long it must be good before the alert is over: one that flaps stays one alert. */
  readonly hold: number;
  /** After a longer time without a look nothing is known about the time between: what was counted starts again. */
  readonly gap: number;
}

export interface Look {
  readonly time: number;
  readonly verdict: Verdict;
}

export const quietEpisode: Episode = { phase: "good", since: 0, seenAt: Number.NEGATIVE_INFINITY };
/** The episode of an alert that was open when the core started. */
export const firingEpisode: Episode = { phase: "firing", since: 0, seenAt: Number.NEGATIVE_INFINITY };

/** A look that is older than the last one by more than this means that somebody set a clock back. */
const setBack = 120_000;

/** The next state. All times are of one clock: the samples' own for what is measured, the core's waking time otherwise. */
export function advance(episode: Episode, { time, verdict }: Look, times: EpisodeTimes): Episode {
  const passed = time - episode.seenAt;
  if (passed < 0 && passed > -setBack) return episode;
  const broken = passed > times.gap || passed < 0;
  const since = broken ? time : episode.since;
  switch (episode.phase) {
    case "good":
    case "pending": {
      if (verdict !== "bad") return { phase: "good", since: time, seenAt: time };
      const badSince = episode.phase === "pending" ? since : time;
      const phase = time - badSince >= times.for ? "firing" : "pending";
      return { phase, since: badSince, seenAt: time };
    }
    case "firing":
    case "recovering": {
      if (verdict !== "good") return { phase: "firing", since: time, seenAt: time };
      const goodSince = episode.phase === "recovering" ? since : time;
      const phase = time - goodSince >= times.hold ? "good" : "recovering";
      return { phase, since: goodSince, seenAt: time };
    }
  }
}

export function isAlerting({ phase }: Episode): boolean {
  return phase === "firing" || phase === "recovering";
}

/** An alert is over after as long as it took to become one, and after a minute at least. */
export function holdOf(ruleFor: number): number {
  return Math.max(ruleFor, 60_000);
}

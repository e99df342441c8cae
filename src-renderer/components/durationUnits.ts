/** Units of time that people write lengths in, in milliseconds. */
export const durationUnits = {
  seconds: 1_000,
  minutes: 60_000,
  hours: 3_600_000,
  days: 86_400_000,
} as const;
export type DurationUnit = keyof typeof durationUnits;

/** A length in the largest of the units in which it is a whole number. */
export function splitDuration(
  milliseconds: number,
  units: readonly DurationUnit[],
): { readonly amount: number; readonly unit: DurationUnit } {
  const bySize = units.toSorted((a, b) => durationUnits[b] - durationUnits[a]);
  const whole = bySize.find((unit) => milliseconds > 0 && milliseconds % durationUnits[unit] === 0);
  // Of nothing, and of what is not whole in any, the unit after the smallest is the handy one.
  const unit = whole ?? bySize.at(milliseconds === 0 ? -2 : -1) ?? bySize[0] ?? "seconds";
  return { amount: milliseconds / durationUnits[unit], unit };
}

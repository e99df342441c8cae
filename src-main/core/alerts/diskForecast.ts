/** Percent of the disk in use, by hour. */
export interface HourlyUsage {
  readonly times: readonly number[];
  /** Null where nothing was measured. */
  readonly values: readonly (number | null)[];
}

export const forecastHour = 3_600_000;
export const forecastDay = 24 * forecastHour;
/** How far back a forecast looks. */
export const forecastWindow = 7 * forecastDay;
/** Fewer hours are no trend. */
const fewestHours = 12;
/** When the newest hour is older than this, nothing is known of now. */
const tooOld = 3 * forecastHour;

/**
 * In how many days the disk is full when it goes on as in the week before `now`; infinite when it does not fill,
 * undefined when too little is known. A straight line through the hourly averages, least squares.
 */
export function daysUntilFull({ times, values }: HourlyUsage, now: number): number | undefined {
  let count = 0;
  let [sumX, sumY, sumXX, sumXY] = [0, 0, 0, 0];
  let newest = Number.NEGATIVE_INFINITY;
  let latest = 0;
  for (let index = 0; index < times.length; index += 1) {
    const time = times[index] ?? 0;
    const value = values[index];
    if (value === null || value === undefined || time < now - forecastWindow || time >= now) continue;
    const x = (time - now) / forecastDay;
    count += 1;
    sumX += x;
    sumY += value;
    sumXX += x * x;
    sumXY += x * value;
    if (time > newest) [newest, latest] = [time, value];
  }
  if (count < fewestHours || newest < now - tooOld) return undefined;
  const spread = count * sumXX - sumX * sumX;
  const slope = spread === 0 ? 0 : (count * sumXY - sumX * sumY) / spread;
  // A tenth of a percent a week is noise.
  return slope > 0.015 ? Math.max(0, (100 - latest) / slope) : Number.POSITIVE_INFINITY;
}

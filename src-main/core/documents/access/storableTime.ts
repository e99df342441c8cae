/** The last moment that a date can name, in milliseconds since 1970. */
const lastTime = 8.64e15;

/** A time from the wire as whole milliseconds that the database gives back unchanged; what is beyond all dates stays there. */
export function storableTime(time: number): number {
  return Math.round(Math.max(-lastTime, Math.min(lastTime, time)));
}

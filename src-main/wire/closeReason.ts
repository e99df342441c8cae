/** The close reason that gives a peer its slot to come back: see `ReconnectingClient`. */
export function retryAfterReason(text: string, delay: number): string {
  return `${text} retry-after=${Math.round(delay)}`;
}

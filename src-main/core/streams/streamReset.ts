/** Reset codes of docs/protocols/channels.md, as far as the core says them itself. */
export const streamReset = { cancelled: 1, peerLost: 2, failed: 5, forbidden: 6 } as const;

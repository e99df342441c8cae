/** A SHA-256 as other programs print it, so that the two can be compared by eye: `AB:CD:…`. */
export function fingerprintText(hex: string): string {
  return (hex.toUpperCase().match(/.{1,2}/g) ?? []).join(":");
}

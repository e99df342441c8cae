/**
 * The Content-Disposition of a file by its name, whatever that is made of: once for old programs in the letters that every
 * one of them takes, once as it is (RFC 6266).
 */
export function contentDisposition(kind: "attachment" | "inline", name: string): string {
  const whole = name.toWellFormed();
  const plain = whole.normalize("NFKD").replace(/[^\w .()+,@=-]/g, "_");
  const encoded = encodeURIComponent(whole).replace(/['()*]/g, (character) => {
    return `%${character.charCodeAt(0).toString(16).toUpperCase()}`;
  });
  return `${kind}; filename="${plain}"; filename*=UTF-8''${encoded}`;
}

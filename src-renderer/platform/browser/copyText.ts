/** Puts text on the clipboard, also on a page without TLS, where browsers lock the modern way. */
export async function copyText(text: string): Promise<void> {
  if (navigator.clipboard !== undefined) {
    await navigator.clipboard.writeText(text);
    return;
  }
  const field = document.createElement("textarea");
  field.value = text;
  field.style.position = "fixed";
  field.style.opacity = "0";
  // A modal dialog makes everything outside it inert: the field must be inside.
  const active = document.activeElement;
  (active?.closest("dialog") ?? document.body).append(field);
  try {
    field.select();
    if (!document.execCommand("copy")) throw new Error("copying was refused");
  } finally {
    field.remove();
    if (active instanceof HTMLElement) active.focus();
  }
}

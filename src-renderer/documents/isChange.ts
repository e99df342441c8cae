const looking =
  /^(get_|list_|view_|search$|explain_access$|server_info$|register_listener$|storage_usage$|refresh_token$)/;

/** Whether an action of the documents protocol changes something, and does not only look. A sign-in counts as a change. */
export function isChange(action: string): boolean {
  // Both make leave to fetch a file: somebody has it then.
  return action === "get_document" || action === "get_revision" || !looking.test(action);
}

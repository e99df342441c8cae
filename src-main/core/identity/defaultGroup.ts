/** The group of nodes that nobody put into another one. */
export const defaultGroup = "default";

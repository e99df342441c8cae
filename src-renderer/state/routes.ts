export const nodeTabs = ["overview", "terminal", "commands", "facts", "manage"] as const;
export type NodeTab = (typeof nodeTabs)[number];

export const settingsSections = ["appearance", "machine", "password", "sessions", "users", "about"] as const;
export type SettingsSection = (typeof settingsSections)[number];

/** A place in the console. */
export type Route =
  | { readonly page: "nodes" }
  | { readonly page: "node"; readonly nodeId: string; readonly tab: NodeTab; readonly commandId?: string }
  | { readonly page: "commands"; readonly commandId?: string }
  | { readonly page: "add" }
  | { readonly page: "audit" }
  | { readonly page: "settings"; readonly section: SettingsSection };

export type PageName = Route["page"];

/** What stands behind `#` in the address. What names no place leads to the nodes. */
export function parseRoute(fragment: string): Route {
  const [page, ...rest] = fragment.replace(/^\//, "").split("/").map(decode);
  switch (page) {
    case "nodes":
      return rest[0] === undefined || rest[0] === "" ? { page } : nodeRoute(rest[0], rest.slice(1));
    case "commands":
      return { page, ...commandPart(rest[0]) };
    case "add":
    case "audit":
      return { page };
    case "settings":
      return { page, section: settingsSections.find((name) => name === rest[0]) ?? "appearance" };
    default:
      return { page: "nodes" };
  }
}

/** The address of a place, as a link has it. */
export function addressOf(route: Route): string {
  switch (route.page) {
    case "node": {
      const parts = [route.nodeId, ...(route.tab === "overview" ? [] : [route.tab]), route.commandId];
      return join("nodes", parts);
    }
    case "commands":
      return join("commands", [route.commandId]);
    case "settings":
      return join("settings", [route.section]);
    default:
      return join(route.page, []);
  }
}

function nodeRoute(nodeId: string, [tabName, commandId]: readonly string[]): Route {
  const tab = nodeTabs.find((name) => name === tabName) ?? "overview";
  return { page: "node", nodeId, tab, ...(tab === "commands" ? commandPart(commandId) : {}) };
}

function commandPart(commandId: string | undefined): { readonly commandId?: string } {
  return commandId === undefined || commandId === "" ? {} : { commandId };
}

function join(page: string, parts: readonly (string | undefined)[]): string {
  const known = parts.filter((part) => part !== undefined);
  return `#/${[page, ...known].map(encodeURIComponent).join("/")}`;
}

function decode(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

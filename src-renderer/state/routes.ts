export const nodeTabs = ["overview", "terminal", "commands", "containers", "logs", "facts", "manage"] as const;
export type NodeTab = (typeof nodeTabs)[number];

export const settingsSections = [
  "appearance",
  "machine",
  "password",
  "two-factor",
  "sessions",
  "users",
  "about",
] as const;
export type SettingsSection = (typeof settingsSections)[number];

export const alertsSections = ["firing", "history", "rules", "channels"] as const;
export type AlertsSection = (typeof alertsSections)[number];
/** The rule that is being made has no id yet. */
export const newRuleId = "new";

export const documentsSections = ["files", "bin", "people", "audit", "servers"] as const;
export type DocumentsSection = (typeof documentsSections)[number];

/** A place in the console. */
export type Route =
  | { readonly page: "nodes" }
  | {
      readonly page: "node";
      readonly nodeId: string;
      readonly tab: NodeTab;
      readonly commandId?: string;
      readonly container?: string;
    }
  | { readonly page: "commands"; readonly commandId?: string }
  | { readonly page: "alerts"; readonly section: AlertsSection; readonly ruleId?: string }
  | { readonly page: "logs" }
  | { readonly page: "rooms" }
  | {
      readonly page: "documents";
      readonly section: DocumentsSection;
      /** Somebody else's server; this core's own without it. */
      readonly server?: string;
      /** The root without it. */
      readonly folderId?: string;
    }
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
    case "logs":
    case "rooms":
    case "add":
    case "audit":
      return { page };
    case "alerts":
      return alertsRoute(rest);
    case "documents":
      return documentsRoute(rest);
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
      const tab = route.tab === "overview" ? [] : [route.tab];
      return join("nodes", [route.nodeId, ...tab, route.commandId ?? route.container]);
    }
    case "commands":
      return join("commands", [route.commandId]);
    case "alerts":
      return join("alerts", [route.section, route.ruleId]);
    case "documents": {
      const server = route.server === undefined ? [] : ["at", route.server];
      return join("documents", [...server, route.section, route.folderId]);
    }
    case "settings":
      return join("settings", [route.section]);
    default:
      return join(route.page, []);
  }
}

function nodeRoute(nodeId: string, [tabName, part]: readonly string[]): Route {
  const tab = nodeTabs.find((name) => name === tabName) ?? "overview";
  const inside = tab === "commands" ? commandPart(part) : tab === "containers" ? containerPart(part) : {};
  return { page: "node", nodeId, tab, ...inside };
}

function alertsRoute([sectionName, ruleId]: readonly string[]): Route {
  const section = alertsSections.find((name) => name === sectionName) ?? "firing";
  const named = section === "rules" && ruleId !== undefined && ruleId !== "";
  return { page: "alerts", section, ...(named ? { ruleId } : {}) };
}

function documentsRoute(parts: readonly string[]): Route {
  const [server, rest] = parts[0] === "at" ? [parts[1], parts.slice(2)] : [undefined, parts];
  const section = documentsSections.find((name) => name === rest[0]) ?? "files";
  const [, folderId] = rest;
  return {
    page: "documents",
    section,
    ...(server === undefined || server === "" ? {} : { server }),
    ...(section !== "files" || folderId === undefined || folderId === "" ? {} : { folderId }),
  };
}

function containerPart(container: string | undefined): { readonly container?: string } {
  return container === undefined || container === "" ? {} : { container };
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

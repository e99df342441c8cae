import type { Catalogue } from "../../i18n/catalogue.ts";
import type { Route } from "../../state/routes.ts";

/** What a place is called. */
export function pageTitle(route: Route, t: Catalogue, nodeLabel: (nodeId: string) => string | undefined): string {
  switch (route.page) {
    case "node":
      return nodeLabel(route.nodeId) ?? t.nodes.title;
    case "nodes":
      return t.nodes.title;
    case "logs":
      return t.logs.title;
    case "alerts":
      return t.alerts.title;
    case "commands":
      return t.commands.title;
    case "rooms":
      return t.rooms.title;
    case "documents":
      return t.documents.title;
    case "add":
      return t.enrolment.title;
    case "audit":
      return t.audit.title;
    case "settings":
      return t.settings.title;
  }
}

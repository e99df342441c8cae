import { SvelteSet } from "svelte/reactivity";
import { type NodeFilter, noFilter } from "./nodeFilter.ts";
import type { NodeSort, NodeSortKey } from "./nodeSort.ts";

/** How the list of nodes is filtered, ordered and selected. It outlives the page: coming back shows the same. */
export class NodeListState {
  filter = $state.raw<NodeFilter>(noFilter);
  sort = $state.raw<NodeSort>({ key: "name", descending: false });
  readonly selected = new SvelteSet<string>();

  get isFiltered(): boolean {
    const { text, status, group, tag } = this.filter;
    return text.trim() !== "" || status !== "all" || group !== "" || tag !== "";
  }

  narrow(change: Partial<NodeFilter>): void {
    this.filter = { ...this.filter, ...change };
  }

  clearFilter(): void {
    this.filter = noFilter;
  }

  /** By this column; again, the other way round. Numbers begin with the largest. */
  sortBy(key: NodeSortKey): void {
    const { sort } = this;
    const largestFirst = key === "cpu" || key === "memory" || key === "disk";
    this.sort = { key, descending: sort.key === key ? !sort.descending : largestFirst };
  }

  toggle(nodeId: string): void {
    if (!this.selected.delete(nodeId)) this.selected.add(nodeId);
  }

  clear(): void {
    this.clearFilter();
    this.selected.clear();
  }
}

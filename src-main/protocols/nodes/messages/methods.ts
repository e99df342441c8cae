import * as z from "zod/mini";
import { fail, type Result, succeed } from "../../../base/result.ts";
import { describeIssue } from "../../describeIssue.ts";
import { shallowRecord } from "../../shallowRecord.ts";
import { containerMethods } from "./containers.ts";

/** Every method that a core can ask a node for: docs/protocols/nodes.md. */
export const nodeMethods = { ...containerMethods };

export type NodeMethodName = keyof typeof nodeMethods;
export type MethodParams<M extends NodeMethodName> = z.output<(typeof nodeMethods)[M]["params"]>;
export type MethodResult<M extends NodeMethodName> = z.output<(typeof nodeMethods)[M]["result"]>;

/** A request of a core, one member a method: what the node's switch tells apart. */
export type NodeRequest = {
  readonly [M in NodeMethodName]: { readonly method: M; readonly params: MethodParams<M> };
}[NodeMethodName];

/** The messages that carry them. The answer has the id of its request; a failure is an `error` with that id. */
export const requestMessage = z.object({ method: z.string().check(z.maxLength(64)), params: shallowRecord });
export const responseMessage = z.object({ result: shallowRecord });

/** The only way from a `node_request` to what is asked; undefined when the method is not known. */
export function parseNodeRequest(message: z.output<typeof requestMessage>): Result<NodeRequest, string> | undefined {
  const { method, params } = message;
  if (!Object.hasOwn(nodeMethods, method)) return undefined;
  const checked = z.safeParse(nodeMethods[method as NodeMethodName].params, params);
  if (!checked.success) return fail(describeIssue(checked.error, "data.params"));
  return succeed({ method, params: checked.data } as NodeRequest);
}

/** The only way from a `node_response` to the answer of a method. */
export function parseNodeResult<M extends NodeMethodName>(method: M, result: unknown): Result<MethodResult<M>, string> {
  const checked = z.safeParse(nodeMethods[method].result, result);
  if (!checked.success) return fail(describeIssue(checked.error, "data.result"));
  return succeed(checked.data as MethodResult<M>);
}

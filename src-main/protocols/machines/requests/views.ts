import type { Command as CoreCommand } from "../../../core/commands/command.ts";
import type { ContainerList as CoreContainerList } from "../../../core/containers/container.ts";
import type { Core } from "../../../core/core.ts";
import type { TokenInfo } from "../../../core/identity/enrolmentTokens.ts";
import type { User as CoreUser } from "../../../core/identity/users.ts";
import { metricNames, type Sample } from "../../../core/metrics/metricColumns.ts";
import type { NodeRecord } from "../../../core/nodes/nodeRecord.ts";
import type { Command } from "../messages/commands.ts";
import type { ContainerList } from "../messages/containers.ts";
import type { EnrolmentToken } from "../messages/enrolment.ts";
import type { User } from "../messages/identity.ts";
import type { Node, NodeSample } from "../messages/nodes.ts";

/** The core's nouns as consoles see them. */
export function viewNode(record: NodeRecord, core: Pick<Core, "nodes" | "metrics">): Node {
  const sample = core.metrics.latest(record.key);
  return {
    nodeId: record.nodeId,
    name: record.name ?? null,
    hostname: record.hostname,
    ipAddress: record.ipAddress,
    osInfo: record.osInfo ?? null,
    group: record.group,
    tags: [...record.tags],
    capabilities: [...record.capabilities],
    hasKey: record.hasKey,
    status: record.status,
    createdAt: record.createdAt,
    lastSeenAt: core.nodes.lastSeenAt(record.nodeId) ?? null,
    sample: sample === undefined ? null : viewSample(sample),
  };
}

export function viewSample(sample: Sample): NodeSample {
  const values: NodeSample["values"] = {};
  metricNames.forEach((name, index) => {
    const value = sample.values[index];
    if (value !== undefined && !Number.isNaN(value)) values[name] = value;
  });
  return { time: sample.time, values };
}

export function viewCommand(command: CoreCommand): Command {
  return {
    commandId: command.id,
    nodeId: command.nodeId,
    command: command.commandText,
    timeout: command.timeout,
    status: command.status,
    createdBy: command.createdBy,
    createdAt: command.createdAt,
    expiresAt: command.expiresAt,
    sentAt: command.sentAt ?? null,
    startedAt: command.startedAt ?? null,
    finishedAt: command.finishedAt ?? null,
    exitCode: command.exitCode ?? null,
    executionTimeMs: command.executionTimeMs ?? null,
    errorCode: command.errorCode ?? null,
  };
}

export function viewToken(token: TokenInfo): EnrolmentToken {
  return {
    tokenId: token.id,
    name: token.name ?? null,
    group: token.group,
    uses: token.uses,
    used: token.used,
    createdBy: token.createdBy,
    createdAt: token.createdAt,
    expiresAt: token.expiresAt ?? null,
    revokedAt: token.revokedAt ?? null,
  };
}

export function viewUser(user: CoreUser): User {
  return {
    userId: user.id,
    username: user.username,
    role: user.role,
    groups: user.groups === undefined ? null : [...user.groups],
    createdAt: user.createdAt,
    twoFactor: user.twoFactor,
    mustChangePassword: user.mustChangePassword,
  };
}

export function viewContainers({ engine, containers }: CoreContainerList): ContainerList {
  return {
    engine: engine === null ? null : { ...engine },
    containers: containers.map((container) => ({
      ...container,
      ports: container.ports.map((port) => ({ ...port })),
    })),
  };
}

import type { Container } from "../../../../src-main/protocols/machines/messages/containers.ts";

/** The ports that can be reached from outside, each once: an engine lists them for every address. */
export function publishedPorts({ ports }: Pick<Container, "ports">): readonly string[] {
  const texts = ports.flatMap(({ published, target, protocol }) =>
    published === null ? [] : [`${published}→${target}${protocol === "tcp" ? "" : `/${protocol}`}`],
  );
  return [...new Set(texts)];
}

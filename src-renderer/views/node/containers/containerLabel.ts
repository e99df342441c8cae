import type { Container } from "../../../../src-main/protocols/machines/messages/containers.ts";
import type { Catalogue } from "../../../i18n/catalogue.ts";

/** What a container is called: the name that somebody gave it, without what could turn or break a line. */
export function containerLabel({ name, id }: Pick<Container, "name" | "id">, texts: Catalogue): string {
  const plain = name.replace(/[\p{Cc}\p{Cf}]/gu, "").trim();
  return plain === "" ? `${texts.containers.unnamed} ${id.slice(0, 12)}` : plain;
}

import { type PicketError, toPicketError } from "../../../src-main/base/errors.ts";
import type { Role, User } from "../../../src-main/protocols/machines/messages/identity.ts";
import type { Link } from "../../state/link.svelte.ts";

/** The form that adds a user, or changes one. */
export class UserForm {
  readonly #link: Link;
  /** Undefined: a new one. */
  readonly user: User | undefined;
  username = $state("");
  password = $state("");
  role = $state<Role>("operator");
  allGroups = $state(true);
  groups = $state("");
  mustChangePassword = $state(false);
  resetTwoFactor = $state(false);
  #busy = $state(false);
  #error = $state.raw<PicketError | undefined>();

  constructor(link: Link, user: User | undefined) {
    this.#link = link;
    this.user = user;
    if (user === undefined) return;
    this.username = user.username;
    this.role = user.role;
    this.allGroups = user.groups === null;
    this.groups = user.groups?.join(", ") ?? "";
    this.mustChangePassword = user.mustChangePassword;
  }

  get busy(): boolean {
    return this.#busy;
  }

  get error(): PicketError | undefined {
    return this.#error;
  }

  /** Returns whether it is done. */
  async submit(): Promise<boolean> {
    if (this.#busy) return false;
    this.#busy = true;
    this.#error = undefined;
    try {
      await this.#send();
      return true;
    } catch (error) {
      this.#error = toPicketError(error);
      return false;
    } finally {
      this.#busy = false;
    }
  }

  async #send(): Promise<void> {
    const { user, username, password, role, mustChangePassword } = this;
    const groups = this.allGroups ? null : splitGroups(this.groups);
    if (user === undefined) {
      const name = username.trim();
      await this.#link.request("user-create", { username: name, password, role, groups, mustChangePassword });
    } else {
      await this.#link.request("user-change", {
        userId: user.userId,
        role,
        groups,
        ...(password === "" ? {} : { password }),
        // What is shown may be older than what the user did meanwhile: only what was changed here is sent.
        ...(password !== "" || mustChangePassword !== user.mustChangePassword ? { mustChangePassword } : {}),
        ...(this.resetTwoFactor ? { twoFactor: false } : {}),
      });
    }
  }
}

/** Also the commas of Chinese keyboards part them. */
function splitGroups(text: string): string[] {
  const names = text.split(/[,，、]/).map((name) => name.trim());
  return [...new Set(names.filter((name) => name !== ""))];
}

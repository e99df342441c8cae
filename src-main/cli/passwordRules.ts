/** Kinds of characters that a password may have to contain. */
export const passwordClasses = ["uppercase", "lowercase", "digit", "special"] as const;

/** What the configuration says of passwords. */
export interface PasswordRules {
  /** Characters. */
  readonly minLength: number;
  readonly maxLength: number;
  readonly mustContain: readonly (typeof passwordClasses)[number][];
  /** 0: never. */
  readonly expiresAfterDays: number;
}

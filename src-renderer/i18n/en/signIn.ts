export const signIn = {
  title: "Sign in",
  username: "User name",
  password: "Password",
  submit: "Sign in",
  capsLock: "Caps Lock is on.",
  wrong: "User name or password is wrong.",
  tooMany: (seconds: number) =>
    seconds > 0 ? `Too many attempts. Try again in ${seconds} s.` : "You can try again now.",
  unreachable: "The core does not answer. Check that it runs and that this machine is on the network.",
  ended: "Your session has ended. Sign in again to go on where you were.",
  linkUsed: "This sign-in link was used before or is too old. Sign in with your password, or make a new link.",
  starting: "Signing in…",
  waiting: "The core does not answer. Trying again…",
  forgotten: "The first administrator’s password is in the file admin-password in the core’s data folder.",
};

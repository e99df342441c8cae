import type { Catalogue } from "../catalogue.ts";

export const signIn: Catalogue["signIn"] = {
  title: "登录",
  username: "用户名",
  password: "密码",
  submit: "登录",
  capsLock: "大写锁定已开启。",
  wrong: "用户名或密码错误。",
  tooMany: (seconds) => (seconds > 0 ? `尝试次数过多，请在 ${seconds} 秒后重试。` : "现在可以重试了。"),
  unreachable: "核心服务没有应答。请确认它正在运行，且本机已联网。",
  ended: "会话已结束。请重新登录以继续之前的操作。",
  linkUsed: "此登录链接已被使用或已过期。请用密码登录，或生成新的链接。",
  starting: "正在登录…",
  waiting: "核心服务没有应答，正在重试…",
  forgotten: "首个管理员的密码保存在核心服务数据目录的 admin-password 文件中。",
};

import type { Catalogue } from "../catalogue.ts";

export const shell: Catalogue["shell"] = {
  skip: "跳到主要内容",
  navigation: "主导航",
  nodes: "节点",
  commands: "命令",
  add: "添加节点",
  audit: "审计日志",
  settings: "设置",
  account: (username) => `${username} 的账户`,
  signOut: "退出登录",
  signOutFailed: "退出登录需要核心服务响应，但它没有应答。",
  title: (page) => `${page} · Picket`,
  linkLost: "与核心服务的连接已断开。",
  linkConnecting: "正在连接核心服务…",
  linkStale: (time) => `当前内容停留在 ${time}。`,
  linkNext: (seconds) => (seconds > 0 ? `${seconds} 秒后重试。` : "正在重试…"),
  linkTryNow: "立即重试",
  storageFailed: "核心服务暂时无法存储新数据。Agent 会保留数据并稍后重新发送。",
};

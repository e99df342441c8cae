import type { Catalogue } from "../catalogue.ts";

export const manage: Catalogue["manage"] = {
  name: "名称",
  nameHint: "大家对它的称呼。留空则使用主机名。",
  group: "分组",
  groupHint: "用户只能看到分配给自己的分组中的节点。",
  tags: "标签",
  tagsHint: "最多 32 个。按 Enter 或输入逗号添加。",
  administratorsOnly: "名称、分组和移除操作仅限管理员。",
  moved: "节点已移动。",
  removeTitle: "移除此节点",
  removeText: "核心服务会删除该节点及其密钥、历史数据和命令。正在运行的 Agent 会被断开，没有新令牌便无法再次接入。",
  removeButton: "移除节点…",
  removeConfirm: (name) => `请输入 ${name} 以确认。`,
  removed: (name) => `${name} 已移除。`,
  id: "节点 ID",
  registered: "注册时间",
  capabilities: "能力",
};

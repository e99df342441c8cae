import type { Catalogue } from "../catalogue.ts";

export const errors: Catalogue["errors"] = {
  ALERT_NOT_FOUND: {
    message: "没有这条告警。",
    remedy: "请在告警历史中查找。",
  },
  ALERT_RULE_NOT_FOUND: {
    message: "没有这条告警规则。",
    remedy: "请在规则列表中查找。",
  },
  CANCELLED: {
    message: "操作已取消。",
    remedy: "如仍需要，请重新开始。",
  },
  CHANNEL_LIMIT: {
    message: "该用户或节点打开的数据流过多。",
    remedy: "请关闭一个终端，或等待传输结束。",
  },
  CHANNEL_UNKNOWN_KIND: {
    message: "未知的数据流类型。",
    remedy: "请使用对方声明支持的类型。",
  },
  COMMAND_NOT_FOUND: {
    message: "找不到这条命令。",
    remedy: "请在节点的命令历史中查找。",
  },
  COMMAND_TIMEOUT: {
    message: "命令未在时限内结束。",
    remedy: "请检查与节点的连接，或延长超时时间。",
  },
  CONFIG_INVALID: {
    message: "配置无效。",
    remedy: "请修正提示中指出的配置项。",
  },
  CONFLICT: {
    message: "当前已是如此，或已存在同名项目。",
    remedy: "请刷新后换一个名称。",
  },
  CONTAINER_ENGINE_FAILED: {
    message: "容器引擎未能完成操作。",
    remedy: "详细信息为引擎的原始提示。",
  },
  CONTAINER_ENGINE_MISSING: {
    message: "该节点上没有运行容器引擎。",
    remedy: "请在该节点上启动 Docker 或 Podman，并允许代理的用户访问其套接字。",
  },
  CONTAINER_NOT_FOUND: {
    message: "找不到这个容器。",
    remedy: "请在节点的容器列表中查找。",
  },
  DATABASE_ERROR: {
    message: "数据库未能完成操作。",
    remedy: "请检查核心服务所在磁盘的剩余空间；未存储的数据会重新发送。",
  },
  DATA_FOLDER_IN_USE: {
    message: "另一个 Picket 正在使用该数据目录。",
    remedy: "请停止另一个进程，或用 --data 指定其他目录。",
  },
  DATA_FOLDER_TOO_NEW: {
    message: "数据目录由更新的版本写入。",
    remedy: "请启动新版本，或用 --data 指定其他目录。",
  },
  DATA_FOLDER_UNUSABLE: {
    message: "数据目录不可用。",
    remedy: "请让运行 Picket 的用户拥有写权限，或用 --data 指定其他目录。",
  },
  DOCUMENT_NOT_FOUND: {
    message: "没有这个文档。",
    remedy: "请刷新文件夹；它可能已被移动、重命名或删除。",
  },
  DOCUMENT_SERVER_NOT_FOUND: {
    message: "没有这个文档服务器。",
    remedy: "请在文档服务器列表中查找。",
  },
  FILE_TASK_NOT_FOUND: {
    message: "没有这个传输任务。",
    remedy: "请重新开始上传或下载。",
  },
  FILE_TASK_OVER: {
    message: "该传输已完成、已取消或已过期。",
    remedy: "请重新开始上传或下载。",
  },
  FOLDER_NOT_FOUND: {
    message: "没有这个文件夹。",
    remedy: "请刷新；它可能已被移动、重命名或删除。",
  },
  FORBIDDEN: {
    message: "您没有权限执行此操作。",
    remedy: "请联系管理员授予相应的角色或节点分组。",
  },
  FORBIDDEN_BY_POLICY: {
    message: "这台机器的所有者不允许此操作。",
    remedy: "所有者可以修改该机器上的策略文件；核心服务无权更改。",
  },
  HASH_MISMATCH: {
    message: "收到的内容与声明的不一致：SHA-256 不同。",
    remedy: "请重新发送；如果仍然如此，请检查发送方的磁盘和内存。",
  },
  INTERNAL_ERROR: {
    message: "内部发生错误。",
    remedy: "请重试；如仍然出现，请附上时间和日志进行反馈。",
  },
  INVALID_CREDENTIALS: {
    message: "用户名或密码错误。",
    remedy: "请检查后重试。",
  },
  INVALID_MESSAGE: {
    message: "消息无效。",
    remedy: "请修正详情中指出的字段。",
  },
  INVALID_PARAMS: {
    message: "缺少字段，或字段格式不正确。",
    remedy: "请修正详情中指出的字段。",
  },
  INVALID_TOKEN: {
    message: "令牌缺失、未知、已过期或已用完。",
    remedy: "请在控制台的“添加节点”中创建新令牌。",
  },
  LOCKDOWN: {
    message: "文档已被锁定。",
    remedy: "请等待管理员解除锁定。",
  },
  NAME_INVALID: {
    message: "不能使用这个名称。",
    remedy: "请选择不含斜杠、控制字符和系统保留名的名称。",
  },
  NAME_TAKEN: {
    message: "此处已有同名的项目。",
    remedy: "请换一个名称，或为已有的文档添加新版本。",
  },
  NODE_NOT_FOUND: {
    message: "找不到该节点。",
    remedy: "请注册该节点，或检查节点 ID。",
  },
  NODE_OFFLINE: {
    message: "节点未连接。",
    remedy: "请等待节点恢复；命令可以先排队。",
  },
  NODE_STORAGE_FAILED: {
    message: "节点无法记录此命令，因此没有执行。",
    remedy: "请先释放节点的磁盘空间（例如通过终端），然后重新执行命令。",
  },
  NOTIFICATION_CHANNEL_NOT_FOUND: {
    message: "没有这个通知渠道。",
    remedy: "请在渠道列表中查找。",
  },
  PARSE_ERROR: {
    message: "消息不是有效的 JSON。",
    remedy: "请检查详情中指出位置的 JSON。",
  },
  PASSWORD_CHANGE_REQUIRED: {
    message: "登录前需要设置新密码。",
    remedy: "请设置新密码，然后用它登录。",
  },
  PASSWORD_TOO_WEAK: {
    message: "密码不够安全。",
    remedy: "请按详情中的要求选择密码。",
  },
  PEER_LOST: {
    message: "数据流的另一端已断开连接。",
    remedy: "连接恢复后会自动继续。",
  },
  PORT_IN_USE: {
    message: "无法使用该监听地址。",
    remedy: "请停止占用该端口的程序，或用 --listen 指定其他地址。",
  },
  QUOTA_EXCEEDED: {
    message: "没有足够的空间存放此文件。",
    remedy: "请删除不需要的内容并清空回收站，或请管理员增加空间。",
  },
  RATE_LIMITED: {
    message: "短时间内请求过多。",
    remedy: "请稍候再试。",
  },
  REVISION_NOT_FOUND: {
    message: "没有这个版本。",
    remedy: "请刷新文档的版本列表。",
  },
  ROOM_FULL: {
    message: "房间已满。",
    remedy: "请等待有客户端离开，或创建容量更大的房间。",
  },
  ROOM_NOT_FOUND: {
    message: "找不到该房间。",
    remedy: "请在房间列表中查找。",
  },
  SESSION_NOT_FOUND: {
    message: "找不到该会话。",
    remedy: "它已经结束；请新建一个。",
  },
  SHUTTING_DOWN: {
    message: "核心服务正在停止。",
    remedy: "请稍后重新连接。",
  },
  SIZE_MISMATCH: {
    message: "收到的长度与声明的不一致。",
    remedy: "请重新发送；文件可能在发送时被修改。",
  },
  STORAGE_FULL: {
    message: "核心的磁盘已满。",
    remedy: "请在核心的磁盘上腾出空间后继续；已保存的内容不会丢失。",
  },
  TERMINAL_AUTH_FAILED: {
    message: "终端的用户名或密码错误。",
    remedy: "请检查后重试。",
  },
  TERMINAL_CONNECT_FAILED: {
    message: "无法打开终端。",
    remedy: "请确认机器正在运行，且其 Agent 已连接。",
  },
  TERMINAL_NOT_CONNECTED: {
    message: "这台机器没有已打开的终端。",
    remedy: "请先用 terminal-connect 打开一个。",
  },
  TIMEOUT: {
    message: "未及时收到应答。",
    remedy: "请检查连接后重试。",
  },
  TOKEN_NOT_FOUND: {
    message: "找不到该令牌。",
    remedy: "请在令牌列表中查找。",
  },
  TRANSFER_RUNNING: {
    message: "它正在被下载。",
    remedy: "请在下载完成后重试。",
  },
  TWO_FACTOR_REQUIRED: {
    message: "需要两步验证码。",
    remedy: "请输入身份验证器应用中的验证码，或备用码。",
  },
  UNAUTHORIZED: {
    message: "您尚未登录，或登录已失效。",
    remedy: "请重新登录。",
  },
  UNKNOWN_MESSAGE_TYPE: {
    message: "未知的消息类型。",
    remedy: "请使用详情中列出的类型。",
  },
  UNKNOWN_TOPIC: {
    message: "未知的订阅主题。",
    remedy: "请使用详情中列出的主题。",
  },
  UNKNOWN_TYPE: {
    message: "未知的请求类型。",
    remedy: "请使用文档中列出的类型。",
  },
  UNSUPPORTED: {
    message: "对方不支持此操作。",
    remedy: "请查看节点的 Agent 声明了哪些能力。",
  },
  USER_GROUP_NOT_FOUND: {
    message: "没有这个用户组。",
    remedy: "请在用户组列表中查找。",
  },
  USER_NOT_FOUND: {
    message: "找不到该用户。",
    remedy: "请在用户列表中查找。",
  },
  VM_NOT_FOUND: {
    message: "找不到该虚拟机。",
    remedy: "请在虚拟机列表中查找。",
  },
};

export const manage = {
  name: "Name",
  nameHint: "What people call it. Without one it goes by its host name.",
  group: "Group",
  groupHint: "Users see the nodes of the groups that they were given.",
  tags: "Tags",
  tagsHint: "Up to 32. Enter or a comma adds one.",
  administratorsOnly: "Name, group and removal are for administrators.",
  moved: "The node was moved.",
  removeTitle: "Remove this node",
  removeText:
    "The core forgets the node, its key, its history and its commands. A running agent is cut off and cannot come back without a new token.",
  removeButton: "Remove the node…",
  removeConfirm: (name: string) => `Type ${name} to confirm.`,
  removed: (name: string) => `${name} was removed.`,
  id: "Node ID",
  registered: "Registered",
  capabilities: "Capabilities",
};

/**
 * Make `host` look like `wanted`, touching only what differs. What stays the same keeps its nodes, so that a selection in it holds
 * and only the end of a long list is laid out again.
 */
export function patch(host: Node, wanted: Node): void {
  const before = [...host.childNodes];
  const after = [...wanted.childNodes];
  for (const [index, node] of after.entries()) {
    const old = before[index];
    if (!old) {
      host.appendChild(node);
    } else if (!old.isEqualNode(node)) {
      change(host, old, node);
    }
  }
  for (const old of before.slice(after.length)) {
    host.removeChild(old);
  }
}

function change(host: Node, old: ChildNode, node: ChildNode): void {
  if (old instanceof Text && node instanceof Text) {
    if (node.data.startsWith(old.data)) {
      old.appendData(node.data.slice(old.data.length));
    } else {
      old.data = node.data;
    }
  } else if (isLike(old, node)) {
    patch(old, node);
  } else {
    host.replaceChild(node, old);
  }
}

/** The same element apart from what is in it. */
function isLike(old: Node, node: Node): boolean {
  return (
    old instanceof Element &&
    node instanceof Element &&
    // What others have drawn is theirs.
    !old.tagName.includes('-') &&
    old.cloneNode(false).isEqualNode(node.cloneNode(false))
  );
}

// Descriptions of elements, and a patch that brings the document in line with them. Nodes stay where they are, so that focus, scroll and
// open details outlive an update. Text goes into text nodes only: nothing here parses HTML.

const svgNamespace = 'http://www.w3.org/2000/svg';

/** An element to be: children are texts, numbers, descriptions or lists of them; null, false and '' leave nothing. */
function h(tag, properties, ...children) {
  const content = children.flat(Infinity).filter(child => child !== null && child !== undefined && child !== false && child !== '');
  return { tag, key: properties?.key, properties: properties ?? {}, children: content };
}

/** Makes the children of a node what is wanted. */
function patch(parent, wanted) {
  const keyed = new Map();
  for (const node of parent.childNodes) {
    if (node.meshKey !== undefined) keyed.set(node.meshKey, node);
  }

  const kept = new Set(wanted.map(child => child.key).filter(key => key !== undefined));
  const next = node => {
    while (node && node.meshKey !== undefined && !kept.has(node.meshKey)) {
      const gone = node;
      node = node.nextSibling;
      gone.remove();
    }

    return node;
  };

  let at = next(parent.firstChild);
  for (const child of wanted) {
    const candidate = child.key === undefined ? at : keyed.get(child.key);
    const node = candidate && fits(candidate, child) ? candidate : create(child, parent);
    if (node === at) at = next(at.nextSibling);
    else parent.insertBefore(node, at);
    update(node, child);
  }

  while (at) {
    const gone = at;
    at = at.nextSibling;
    gone.remove();
  }
}

function fits(node, child) {
  return typeof child === 'object'
    ? node.nodeType === Node.ELEMENT_NODE && node.localName === child.tag && node.meshKey === child.key
    : node.nodeType === Node.TEXT_NODE;
}

function create(child, parent) {
  if (typeof child !== 'object') return document.createTextNode(child);
  const inSvg = child.tag === 'svg' || parent.namespaceURI === svgNamespace;
  const node = inSvg ? document.createElementNS(svgNamespace, child.tag) : document.createElement(child.tag);
  node.meshKey = child.key;
  return node;
}

function update(node, child) {
  if (typeof child !== 'object') {
    if (node.data !== String(child)) node.data = child;
    return;
  }

  const before = node.meshProperties ?? {};
  for (const name of Object.keys(before)) {
    if (!(name in child.properties)) set(node, name, null);
  }

  for (const [name, value] of Object.entries(child.properties)) {
    if (before[name] !== value) set(node, name, value);
  }

  node.meshProperties = child.properties;
  patch(node, child.children);
}

function set(node, name, value) {
  if (name === 'key') return;
  if (name.startsWith('on')) node[name] = value;
  else if (value === null || value === undefined || value === false) node.removeAttribute(name);
  else node.setAttribute(name, value === true ? '' : value);
}

/** Renders, and gives the focus back if a move took it. */
function render(parent, content) {
  const focused = document.activeElement;
  patch(
    parent,
    [content].flat(Infinity).filter(child => child),
  );
  if (focused && focused !== document.activeElement && focused.isConnected) focused.focus({ preventScroll: true });
}

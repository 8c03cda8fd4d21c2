/** Whether a pattern covers a name; `*` stands for any characters, also none: `vm.*`, `lab-*`, `*`. */
export function covers(pattern: string, name: string): boolean {
  const [first = '', ...others] = pattern.split('*');
  const last = others.pop();
  if (last === undefined) return pattern === name;
  if (name.length < first.length + last.length || !name.startsWith(first) || !name.endsWith(last)) return false;
  return inOrder(others, name.slice(first.length, name.length - last.length));
}

/** Not by a regular expression: a pattern such as `*a*a*a*` could be made to take for ever. */
function inOrder(parts: readonly string[], text: string): boolean {
  let from = 0;
  for (const part of parts) {
    const at = text.indexOf(part, from);
    if (at < 0) return false;
    from = at + part.length;
  }
  return true;
}

/**
 * Reads server-sent events out of a text that comes in parts (WHATWG HTML, section 9.2, as far as virtflow writes it).
 * @param {(frame: { type: string, id: string, data: string }) => void} heard
 * @returns {(part: string) => void} takes the next part
 */
export function frameReader(heard) {
  let rest = '';
  return (part) => {
    const frames = (rest + part).split('\n\n');
    rest = frames.pop() ?? '';
    for (const frame of frames) {
      const read = readFrame(frame);
      if (read.data !== '') heard(read);
    }
  };
}

/** @param {string} text */
function readFrame(text) {
  const frame = { type: 'message', id: '', data: '' };
  for (const line of text.split('\n')) {
    const [, name = '', value = ''] = /^(\w+): ?(.*)$/.exec(line) ?? [];
    if (name === 'event') frame.type = value;
    if (name === 'id') frame.id = value;
    if (name === 'data') frame.data += value;
  }
  return frame;
}

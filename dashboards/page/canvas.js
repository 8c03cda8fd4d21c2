import { colorOf, element, styled } from './dom.js';

/** Room beneath a picture for its times. */
export const axisHeight = 18;

/**
 * A canvas as sharp as the screen, over the range of `data` from `left` on; redrawn when its size changes. It shares the
 * crosshair, and zooms where somebody draws over it. `tell(at, y, height)` makes what is shown beside the pointer;
 * `pinned` the same with links, where there are some.
 */
export function timeCanvas(body, { label, left, data, board, draw, tell, pinned }) {
  const box = element('div', { class: 'fill' });
  const canvas = element('canvas', { role: 'img', 'aria-label': label, tabindex: 0 });
  const [line, chosen] = [
    element('i', { class: 'hair', hidden: true }),
    element('i', { class: 'chosen', hidden: true }),
  ];
  box.append(canvas, line, chosen);
  body.append(box);
  const width = () => canvas.getBoundingClientRect().width - left;
  const timeAt = (x) => data.from + (Math.max(0, x - left) / width()) * (data.to - data.from);
  const showLine = (at) => {
    line.hidden = at === undefined || at < data.from || at > data.to;
    if (at !== undefined) line.style.left = `${left + ((at - data.from) / (data.to - data.from)) * width()}px`;
  };
  let beganAt;
  canvas.addEventListener('mousemove', ({ offsetX, offsetY }) => {
    const at = timeAt(offsetX);
    board.tip(tell(at, offsetY, canvas.getBoundingClientRect().height));
    showLine(at);
    board.crosshair.at(at, showLine);
    if (beganAt === undefined) return;
    chosen.hidden = Math.abs(offsetX - beganAt) < 4;
    styled(chosen, { left: `${Math.min(offsetX, beganAt)}px`, width: `${Math.abs(offsetX - beganAt)}px` });
  });
  canvas.addEventListener('mouseleave', () => {
    board.tip(undefined);
    showLine(undefined);
    board.crosshair.at(undefined, showLine);
    beganAt = undefined;
    chosen.hidden = true;
  });
  canvas.addEventListener('mousedown', ({ offsetX, button }) => {
    if (button === 0) beganAt = offsetX;
  });
  canvas.addEventListener('mouseup', ({ offsetX, offsetY, clientX, clientY }) => {
    const began = beganAt;
    beganAt = undefined;
    chosen.hidden = true;
    if (began === undefined) return;
    if (Math.abs(offsetX - began) >= 4) {
      const ends = [timeAt(began), timeAt(offsetX)].map(Math.round).sort((a, b) => a - b);
      board.zoom(ends[0], ends[1]);
      return;
    }
    const content = pinned?.(timeAt(offsetX), offsetY, canvas.getBoundingClientRect().height);
    if (content) board.pin(content, canvas, { x: clientX, y: clientY });
  });
  const resize = () => {
    const { width: wide, height } = box.getBoundingClientRect();
    if (wide < 20 || height < 20) return;
    canvas.width = Math.round(wide * devicePixelRatio);
    canvas.height = Math.round(height * devicePixelRatio);
    styled(canvas, { width: `${wide}px`, height: `${height}px` });
    const pen = canvas.getContext('2d');
    if (!pen) return;
    pen.scale(devicePixelRatio, devicePixelRatio);
    pen.font = '11px system-ui, sans-serif';
    draw(pen, wide, height);
    timeAxis(pen, left, wide - left, height, data);
  };
  resize();
  return { resize, destroy: board.crosshair.follow(showLine) };
}

function timeAxis(pen, left, width, bottom, { from, to }) {
  pen.fillStyle = colorOf('--quiet');
  pen.textAlign = 'center';
  const count = Math.max(1, Math.floor(width / 90));
  for (let index = 0; index < count; index++) {
    const share = (index + 0.5) / count;
    pen.fillText(clock(from + share * (to - from), to - from, 60_000), left + share * width, bottom - 3);
  }
}

const two = (value) => String(value).padStart(2, '0');

/** Hours of a day; a day where the range is longer. */
export function clock(at, spanMs, stepMs) {
  const date = new Date(at);
  const time = `${two(date.getHours())}:${two(date.getMinutes())}`;
  if (stepMs < 60_000) return `${time}:${two(date.getSeconds())}`;
  if (spanMs <= 2 * 86_400_000) return time;
  const day = `${two(date.getMonth() + 1)}-${two(date.getDate())}`;
  return spanMs > 8 * 86_400_000 || stepMs >= 86_400_000 ? day : `${day} ${time}`;
}

/** The links of a figure, to be followed; undefined where it has none. */
export function linksOf({ name, labels, config }, value, at, board) {
  const links = (config.links ?? []).filter(({ url }) => url);
  if (links.length === 0) return undefined;
  const made = links.map(({ url, title }) =>
    element('a', { href: board.link(url, { name, labels, value, at }) }, title || url),
  );
  return element('div', { class: 'links' }, ...made);
}

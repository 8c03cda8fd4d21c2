import { element } from './dom.js';

/** A panel as it stands on the page, as a picture; canvases in it are pictures already. */
export async function picture(panel) {
  const { width, height } = panel.getBoundingClientRect();
  const copy = withStyles(panel);
  for (const menu of copy.querySelectorAll('.menu')) menu.remove();
  const markup = new XMLSerializer().serializeToString(copy);
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}"><foreignObject width="100%" height="100%">${markup}</foreignObject></svg>`;
  const image = new Image();
  image.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(svg)}`;
  await image.decode();
  const canvas = element('canvas', { width: width * devicePixelRatio, height: height * devicePixelRatio });
  const pen = canvas.getContext('2d');
  if (!pen) throw new Error('no canvas');
  pen.scale(devicePixelRatio, devicePixelRatio);
  pen.drawImage(image, 0, 0, width, height);
  return new Promise((resolve) => canvas.toBlob(resolve));
}

/** A style sheet does not reach into a picture: each element takes its own along. */
function withStyles(made) {
  const copy = made instanceof HTMLCanvasElement ? element('img', { src: made.toDataURL() }) : made.cloneNode(false);
  const style = getComputedStyle(made);
  copy.style.cssText = [...style].map((name) => `${name}:${style.getPropertyValue(name)}`).join(';');
  for (const child of made.childNodes) copy.append(child instanceof Element ? withStyles(child) : child.cloneNode());
  return copy;
}

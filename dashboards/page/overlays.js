import { paint } from './units.js';

/** What is drawn over a time series: annotations, as a line with a foot each. */
export function drawMarks({ ctx, bbox, valToPos, scales }, marks) {
  for (const { at, color } of marks) {
    if (at / 1000 < (scales.x.min ?? 0) || at / 1000 > (scales.x.max ?? 0)) continue;
    const x = Math.round(valToPos(at / 1000, 'x', true));
    ctx.save();
    ctx.strokeStyle = paint(color);
    ctx.fillStyle = paint(color);
    ctx.lineWidth = devicePixelRatio;
    ctx.setLineDash([4, 4]);
    ctx.globalAlpha = 0.8;
    ctx.beginPath();
    ctx.moveTo(x, bbox.top);
    ctx.lineTo(x, bbox.top + bbox.height);
    ctx.stroke();
    ctx.beginPath();
    ctx.moveTo(x - 5, bbox.top + bbox.height + 6);
    ctx.lineTo(x + 5, bbox.top + bbox.height + 6);
    ctx.lineTo(x, bbox.top + bbox.height);
    ctx.fill();
    ctx.restore();
  }
}

/** Lines at the thresholds of a panel, or areas between them. */
export function drawThresholds({ ctx, bbox, valToPos, scales }, { thresholds, custom }) {
  const mode = custom?.thresholdsStyle?.mode ?? 'off';
  if (mode === 'off' || !scales.left) return;
  if (mode.includes('area')) fillThresholds({ ctx, bbox, valToPos, scales }, thresholds?.steps ?? []);
  if (mode === 'area') return;
  for (const { value, color } of thresholds?.steps ?? []) {
    if (typeof value !== 'number' || value > (scales.left.max ?? 0) || value < (scales.left.min ?? 0)) continue;
    const y = Math.round(valToPos(value, 'left', true));
    ctx.save();
    ctx.strokeStyle = paint(color);
    ctx.setLineDash(mode.includes('dashed') ? [8, 6] : []);
    ctx.lineWidth = devicePixelRatio;
    ctx.beginPath();
    ctx.moveTo(bbox.left, y);
    ctx.lineTo(bbox.left + bbox.width, y);
    ctx.stroke();
    ctx.restore();
  }
}

function fillThresholds({ ctx, bbox, valToPos, scales }, steps) {
  const within = (value) => Math.min(scales.left.max ?? 0, Math.max(scales.left.min ?? 0, value));
  ctx.save();
  ctx.globalAlpha = 0.12;
  steps.forEach(({ value, color }, index) => {
    const from = valToPos(within(value ?? Number.NEGATIVE_INFINITY), 'left', true);
    const to = valToPos(within(steps[index + 1]?.value ?? Number.POSITIVE_INFINITY), 'left', true);
    ctx.fillStyle = paint(color);
    ctx.fillRect(bbox.left, to, bbox.width, from - to);
  });
  ctx.restore();
}

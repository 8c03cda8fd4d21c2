/** Node-RED asks for less than 20 characters beneath a node. */
const longest = 19;

export function shorten(text: string): string {
  return text.length <= longest ? text : `${text.slice(0, longest - 1).trimEnd()}…`;
}

/** `14:03:07`, the server's clock. */
export function timeOfDay(at: number = Date.now()): string {
  const date = new Date(at);
  return [date.getHours(), date.getMinutes(), date.getSeconds()].map((part) => String(part).padStart(2, '0')).join(':');
}

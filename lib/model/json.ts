/**
 * Reads JSON. What is wrong is said without the text around it, which the engine's own sentence repeats: a password may
 * stand there.
 * @throws SyntaxError
 */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new SyntaxError(problemOf(error instanceof Error ? error.message : ''));
  }
}

/** V8: `Unexpected token 'p', …"word": pass"… is not valid JSON`, `Expected ',' … in JSON at position 9 (line 1 column 10)`. */
function problemOf(said: string): string {
  const place = /\(line \d+ column \d+\)/.exec(said)?.[0];
  if (place !== undefined) return `it is not JSON ${place}`;
  return /Unexpected end of JSON input/.test(said) ? 'it is not JSON: it breaks off' : 'it is not JSON';
}

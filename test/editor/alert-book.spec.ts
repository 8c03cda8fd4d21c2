import assert from 'node:assert/strict';

interface Book {
  readonly alerts: ReadonlyMap<string, unknown>;
  hear(alert: { readonly id: string; readonly ongoing: boolean }): void;
}

describe('what the editor knows of alerts', () => {
  it('is bounded, and nothing that goes on is forgotten', async () => {
    const file = '../../plugins/editor/client/alerts/book.js';
    const { AlertBook }: { AlertBook: new (changed: () => void) => Book } = await import(file);
    const book = new AlertBook(() => undefined);
    book.hear({ id: 'first', ongoing: true });
    for (let index = 0; index < 6_000; index += 1) {
      book.hear({ id: `${index}`, ongoing: true });
      book.hear({ id: `${index}`, ongoing: false });
    }
    assert.equal(book.alerts.size, 5_000);
    assert.ok(book.alerts.has('first'));
    assert.ok(book.alerts.has('5999'));
  });
});

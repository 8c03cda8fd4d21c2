import assert from 'node:assert/strict';
import { parseJson } from '../../lib/model/json.ts';

describe('reading JSON', () => {
  it('answers what was written', () => {
    assert.deepEqual(parseJson('{"a":[1,null]}'), { a: [1, null] });
  });

  for (const text of [
    'pl4nted',
    '{"password": pl4nted}',
    '{"password":"pl4nted"',
    '{"a":"pl4nted" "b"}',
    'x"pl4nted"',
  ]) {
    it(`says that ${text} is none, and repeats nothing of it`, () => {
      assert.throws(
        () => parseJson(text),
        (error) => error instanceof SyntaxError && /^it is not JSON/.test(error.message) && !/pl4/.test(String(error)),
      );
    });
  }
});

import { describe, expect, it } from 'vitest';
import { builtBeside } from '../../../src/domain/built-file.ts';

describe('a built file', () => {
  it('lies beside the built module, and in dist for its source', () => {
    const from = (url: string): string => builtBeside(url, 'worker.js').href;
    expect(from('file:///a/dist/journal/writer.js')).toBe('file:///a/dist/journal/worker.js');
    expect(from('file:///a/src/journal/writer.ts')).toBe('file:///a/dist/journal/worker.js');
    expect(from('file:///usr/src/app/src/x/y/z.ts')).toBe('file:///usr/src/app/dist/x/y/worker.js');
  });
});

import { describe, expect, it } from 'vitest';
import { formatIdentity, parseIdentity } from '../../../../src/mt5/wire/identity.ts';

describe('a peer’s identity', () => {
  it('survives its text form', () => {
    const peer = { login: '5012345', server: 'FTMO Demo-2', instanceId: 'ea_1.b-2' };
    expect(formatIdentity(peer)).toBe('5012345@FTMO Demo-2/ea_1.b-2');
    expect(parseIdentity(formatIdentity(peer))).toEqual(peer);
  });

  it.each([
    '',
    '5012345',
    'abc@Demo/1',
    '5012345@/1',
    '5012345@Demo/',
    '5012345@De/mo/1',
    '5012345@De@mo/1',
    '5012345@Demo/1\n',
    '5012345@De\u0000mo/1',
    '5012345@De\u202emo/1',
    `5012345@${'ü'.repeat(96)}/${'1'.repeat(64)}`,
  ])('is refused: %j', (text) => {
    expect(parseIdentity(text)).toBeUndefined();
  });
});

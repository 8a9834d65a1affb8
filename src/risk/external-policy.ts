/**
 * What others do on the account: trades by hand, other experts. It always counts as risk, and a
 * floor, a kill or a flatten closes it like everything else.
 *
 * - observe: it is never touched; without a stop it counts as the whole floor buffer, and blocks
 *   new risk until it has one.
 * - manage: the same, and it is held to I4 like our own: a stop, or it is closed.
 * - forbid: while anything of it is open, or works, nothing of ours opens.
 */
export const EXTERNAL_POLICIES = ['observe', 'manage', 'forbid'] as const;
export type ExternalPolicy = (typeof EXTERNAL_POLICIES)[number];

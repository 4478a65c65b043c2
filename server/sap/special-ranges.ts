import { BlockList, isIP, isIPv6 } from 'node:net';

/** Which networks a customer's SAP server may stand in. */
export type SapNetwork = 'public' | 'private' | 'loopback';

type Range = readonly [address: string, prefix: number];

/**
 * IANA special-purpose registries for IPv4 and IPv6 (RFC 6890 and its updates): nothing in them is a public server.
 * IPv6 is turned round: only 2000::/3 is public, less the ranges below.
 */
const SPECIAL_V4: readonly Range[] = [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.0.2.0', 24],
  ['192.31.196.0', 24],
  ['192.52.193.0', 24],
  ['192.88.99.0', 24],
  ['192.168.0.0', 16],
  ['192.175.48.0', 24],
  ['198.18.0.0', 15],
  ['198.51.100.0', 24],
  ['203.0.113.0', 24],
  ['224.0.0.0', 4],
  ['240.0.0.0', 4],
];
const SPECIAL_V6: readonly Range[] = [
  ['2001::', 23],
  ['2001:db8::', 32],
  ['2002::', 16],
  ['2620:4f:8000::', 48],
  ['3fff::', 20],
];
const PRIVATE_V4: readonly Range[] = [
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['172.16.0.0', 12],
  ['192.168.0.0', 16],
];
const PRIVATE_V6: readonly Range[] = [['fc00::', 7]];
/**
 * Answered by the host that the machine runs on, which hands out credentials: Alibaba's and Azure's, the latter inside a
 * public range; Amazon's, Google's and Oracle's. The usual 169.254.169.254 is special anyway.
 */
const METADATA_V4: readonly Range[] = [
  ['100.100.100.200', 32],
  ['168.63.129.16', 32],
];
const METADATA_V6: readonly Range[] = [
  ['fd00:ec2::', 32],
  ['fd20:ce::', 32],
  ['fd00:c1::', 32],
];

const special = listOf(SPECIAL_V4, SPECIAL_V6);
const globalUnicast = listOf([], [['2000::', 3]]);
const privately = listOf(PRIVATE_V4, PRIVATE_V6);
const metadata = listOf(METADATA_V4, METADATA_V6);
const loopback = listOf([['127.0.0.0', 8]], [['::1', 128]]);

/** True when a connection may be opened to this address; text that is no plain IP address never may. */
export function mayReach(address: string, network: SapNetwork): boolean {
  const family = isIP(address);
  if (family === 0 || address.includes('%')) return false;
  const type = family === 4 ? 'ipv4' : 'ipv6';
  // A BlockList also tests IPv4-mapped addresses against its IPv4 ranges; here they have no business at all.
  if (type === 'ipv6' && isMappedV4(address)) return false;
  if (metadata.check(address, type)) return false;
  if (network === 'loopback' && loopback.check(address, type)) return true;
  if (network === 'private' && privately.check(address, type)) return true;
  if (special.check(address, type)) return false;
  return type === 'ipv4' || globalUnicast.check(address, type);
}

const mapped = listOf([], [['::ffff:0:0', 96]]);
function isMappedV4(address: string): boolean {
  return isIPv6(address) && mapped.check(address, 'ipv6');
}

function listOf(v4: readonly Range[], v6: readonly Range[]): BlockList {
  const list = new BlockList();
  for (const [address, prefix] of v4) list.addSubnet(address, prefix, 'ipv4');
  for (const [address, prefix] of v6) list.addSubnet(address, prefix, 'ipv6');
  return list;
}

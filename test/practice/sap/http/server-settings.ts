/** How the server in front of all companies is set up. Every switch may be turned at run time. */
export interface ServerSettings {
  /** Many proxies let only /b1s through: /ping/ is then answered with 404. */
  hidesPing: boolean;
  /** Answers go out as gzip where the client takes it. */
  compresses: boolean;
  /** What this server speaks. */
  versions: readonly ('v1' | 'v2')[];
}

export const DEFAULT_SERVER: ServerSettings = { hidesPing: false, compresses: true, versions: ['v1', 'v2'] };

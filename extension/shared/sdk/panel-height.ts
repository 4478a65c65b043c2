const MIN_PX = 100;
const MAX_PX = 750;

/** Pipedrive gives a panel 100 to 750 px; more scrolls inside. */
export function panelHeight(contentPx: number): number {
  return Math.min(MAX_PX, Math.max(MIN_PX, Math.ceil(contentPx)));
}

/**
 * Asks for the content's height, only when it changed and one request at a time; the last height wins. A refused one is
 * forgotten, so that the next change asks again.
 */
export function createHeightReporter(resize: (height: number) => Promise<void>): (contentPx: number) => void {
  let wanted: number | undefined;
  let sent: number | undefined;
  let busy = false;

  async function report(): Promise<void> {
    busy = true;
    while (wanted !== undefined && wanted !== sent) {
      const height = wanted;
      sent = height;
      try {
        await resize(height);
      } catch {
        if (sent === height) sent = undefined;
        break;
      }
    }
    busy = false;
  }

  return (contentPx) => {
    wanted = panelHeight(contentPx);
    if (!busy) void report();
  };
}

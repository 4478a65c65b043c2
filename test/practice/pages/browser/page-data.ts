/** What the server puts into a page for its script. */
export interface PageData {
  theme: 'light' | 'dark';
  /** The user's query, to be kept on links: ?as=42&theme=dark */
  userId: number;
  companyId: number;
  appName: string;
  clientId: string;
  /** The frame of this page; null where there is none or the user has not installed the app. */
  frame: FrameData | null;
  modals: Record<string, string>;
  strictSizes: boolean;
  /** How long a frame may take to initialise. */
  initMs: number;
}

export interface FrameData {
  surface: 'panel' | 'settings';
  url: string;
  /** Absent on the settings page. */
  resource?: 'deal' | 'organization' | 'person';
  selectedIds?: string;
}

export function readPageData(): PageData {
  const data: PageData = JSON.parse(document.querySelector('#page-data')?.textContent ?? '{}');
  return data;
}

import { fuzzy } from './fuzzy';
import { Observable } from './observable';
import { type Entry, nameOf, type Workspace } from './workspace';

/** At most so many folders are looked into, and files remembered, for one search. */
const FOLDERS = 300;
const FILES = 5000;
/** What was found is found again without asking for so long. Milliseconds. */
const FRESH_MS = 30_000;
/** Nobody looks for files in there. */
const DULL = new Set(['node_modules', '__pycache__', 'site-packages', 'venv', 'env', 'dist', 'build']);

/** Finds files of the workspace by name: what is open, then the folder that is shown, then what lies deeper, as it is walked. */
export class FileFinder extends Observable {
  /** Folders are still being looked into. */
  isWalking = false;
  /** There are more files than were looked at. */
  isCut = false;

  private known: Entry[] = [];
  private since = -Infinity;
  private walk = 0;

  constructor(
    private readonly workspace: Workspace,
    private readonly now: () => number = () => performance.now()
  ) {
    super();
  }

  /** Look around, unless that was done a moment ago. */
  start(): void {
    if (!this.isWalking && this.now() - this.since > FRESH_MS) {
      void this.look(++this.walk);
    }
  }

  /** Nobody waits for more. What was found stays. */
  stop(): void {
    this.walk += 1;
    if (this.isWalking) {
      this.isWalking = false;
      this.since = -Infinity;
    }
  }

  /** Paths that fit, the best first; with nothing typed: what is open and near. */
  find(query: string, count: number): string[] {
    const recent = this.workspace.recent();
    const paths = [...new Set([...recent, ...this.known.map(entry => entry.path)])];
    if (!query) {
      return paths.slice(0, count);
    }
    const hits = paths.flatMap((path, order) => {
      const hit = fuzzy(query, nameOf(path)) ?? fuzzy(query, path);
      const inName = fuzzy(query, nameOf(path)) ? 20 : 0;
      return hit ? [{ path, score: hit.score + inName + (order < recent.length ? 5 : 0) }] : [];
    });
    return hits
      .sort((a, b) => b.score - a.score)
      .slice(0, count)
      .map(hit => hit.path);
  }

  private async look(walk: number): Promise<void> {
    this.isWalking = true;
    this.isCut = false;
    const found: Entry[] = [];
    const start = this.workspace.folder();
    const queue = start ? [start, ''] : [''];
    const seen = new Set(queue);
    for (let looked = 0; queue.length > 0 && walk === this.walk; looked++) {
      if (looked >= FOLDERS || found.length >= FILES) {
        this.isCut = true;
        break;
      }
      const folder = queue.shift() ?? '';
      for (const entry of await this.contentOf(folder)) {
        if (entry.isFolder && !isDull(entry.name) && !seen.has(entry.path)) {
          seen.add(entry.path);
          queue.push(entry.path);
        } else if (!entry.isFolder && found.length < FILES) {
          found.push(entry);
        }
      }
      if (walk === this.walk) {
        this.known = found;
        this.changed();
      }
    }
    if (walk === this.walk) {
      this.isWalking = false;
      this.since = this.now();
      this.changed();
    }
  }

  /** A folder that cannot be read has nothing to offer. */
  private async contentOf(folder: string): Promise<readonly Entry[]> {
    try {
      const entries = await this.workspace.list(folder);
      return [...entries].sort((a, b) => a.name.localeCompare(b.name));
    } catch {
      return [];
    }
  }
}

function isDull(name: string): boolean {
  return name.startsWith('.') || DULL.has(name);
}

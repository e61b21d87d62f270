import type { Session } from '../model/session';

/** Something that can be chosen for a command's argument. */
export interface SlashChoice {
  readonly value: string;
  readonly label: string;
  readonly detail?: string;
}

/** A command of the composer: `/name argument`. */
export interface SlashCommand {
  /** What is typed after the slash: small letters, digits and hyphens. */
  readonly name: string;
  /** What it does, in a few words. */
  readonly label: string;
  /** What may follow, as a hint: "[name]". Left out: nothing may follow. */
  readonly argument?: string;
  /** What the argument can be, for the menu; the person's words so far are searched in it. */
  readonly choices?: (session: Session) => readonly SlashChoice[];
  /** Why it cannot be done now; null or left out: it can. */
  readonly whyNot?: (session: Session) => string | null;
  /** Do it. A text that is given back is shown above the composer; so is the message of what is thrown. */
  readonly run: (argument: string, session: Session) => string | null | Promise<string | null>;
}

/** What is typed so far, when it may be a command. */
export interface Typed {
  readonly name: string;
  readonly argument: string;
  /** A blank follows the name: it is the argument that is being written. */
  readonly hasArgument: boolean;
}

const NAME = /^[a-z0-9][a-z0-9-]*$/;
// A second slash makes it a path, which people write about.
const TYPED = /^\/([^\s/]*)(?:(\s)([\s\S]*))?$/;

/** The commands that can be typed into the composer. Of two with one name the one that was registered last counts. */
export class SlashCommands {
  private readonly commands: SlashCommand[] = [];

  /** Offer `command`. Undone by calling what is returned. */
  register(command: SlashCommand): () => void {
    if (!NAME.test(command.name)) {
      throw new Error(`“${command.name}” cannot be typed as the name of a command.`);
    }
    this.commands.push(command);
    return () => {
      const at = this.commands.indexOf(command);
      if (at >= 0) {
        this.commands.splice(at, 1);
      }
    };
  }

  get(name: string): SlashCommand | null {
    return this.commands.findLast(command => command.name === name.toLowerCase()) ?? null;
  }

  /** All of them, in the order in which they were registered. */
  get all(): readonly SlashCommand[] {
    return this.commands.filter(command => this.get(command.name) === command);
  }
}

/** What a draft says, if it may be a command: it begins with a slash, and its first word is no path. */
export function typedIn(text: string): Typed | null {
  const [, name, blank, argument] = TYPED.exec(text) ?? [];
  if (name === undefined) {
    return null;
  }
  return { name, argument: (argument ?? '').trim(), hasArgument: blank !== undefined };
}

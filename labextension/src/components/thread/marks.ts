import { Observable } from '../../model/observable';

/** What stands around a thread and changes while it is scrolled: drawn for itself, so that the thread is not. */
export class Marks extends Observable {
  /** There is more below the view. */
  isEndBelow = false;
  /** And some of it has come since the end was last in view. */
  isUnread = false;
  /** The question whose answer is read, when it has left the view. */
  question: string | null = null;

  set(isEndBelow: boolean, isUnread: boolean, question: string | null): void {
    if (this.isEndBelow !== isEndBelow || this.isUnread !== isUnread || this.question !== question) {
      this.isEndBelow = isEndBelow;
      this.isUnread = isUnread;
      this.question = question;
      this.changed();
    }
  }
}

import type { Login } from '../model/login';

/** How often it is asked whether the login has succeeded, while its window is open. Milliseconds. */
const LOOK_MS = 1000;

/**
 * Open the server's login in a small window, and close it when somebody is logged in: one is where one was. What it leads to
 * after a login (JupyterLab again) is not seen.
 */
export function logIn(login: Login, url: string): void {
  const opened = window.open(url, 'llmhub-login', 'popup,width=520,height=680');
  if (!opened) {
    // A browser that opens no windows opens tabs.
    window.open(url, '_blank', 'noopener');
    return;
  }
  const end = (): void => {
    clearInterval(timer);
    unsubscribe();
  };
  const timer = setInterval(() => {
    if (opened.closed) {
      end();
    }
    void login.look();
  }, LOOK_MS);
  const unsubscribe = login.subscribe(() => {
    if (!login.isOut) {
      end();
      opened.close();
    }
  });
}

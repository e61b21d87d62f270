/** How many tokens something will roughly be. Nobody but the model's own tokeniser knows; this is near enough for a bar. */

/** What most models count for a picture of ordinary size. */
export const IMAGE_TOKENS = 1500;
/** A model that sees nothing gets a line of words for it. */
export const BLIND_IMAGE_TOKENS = 16;

/** Tokens in a text: four Latin letters to a token, and about one and a half characters of other scripts. */
export function estimate(text: string): number {
  let others = 0;
  for (let at = 0; at < text.length; at++) {
    if (text.charCodeAt(at) > 0x2ff) {
      others += 1;
    }
  }
  return Math.ceil((text.length - others) / 4 + others / 1.5);
}

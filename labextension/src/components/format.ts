/** Bytes as a person says them: "3.2 MB". */
export function bytes(size: number): string {
  const units = ['B', 'KB', 'MB', 'GB'];
  let value = size;
  let unit = 0;
  while (value >= 1000 && unit < units.length - 1) {
    value /= 1024;
    unit += 1;
  }
  return `${value < 10 && unit > 0 ? value.toFixed(1) : Math.round(value)} ${units[unit] ?? ''}`;
}

/** Tokens as a person says them: "128k". */
export function tokens(count: number): string {
  return count >= 1_000_000 ? `${+(count / 1_000_000).toFixed(1)}M` : `${Math.round(count / 1000)}k`;
}

/** When something happened, as short as it can be understood: "12:04", "Mon", "3 Nov", "3 Nov 2024". */
export function moment(when: string, now: Date = new Date(), locale?: string): string {
  const date = new Date(when);
  const days = (now.getTime() - date.getTime()) / 86_400_000;
  if (date.toDateString() === now.toDateString()) {
    return date.toLocaleTimeString(locale, { hour: '2-digit', minute: '2-digit' });
  }
  if (days < 6) {
    return date.toLocaleDateString(locale, { weekday: 'short' });
  }
  const year = date.getFullYear() === now.getFullYear() ? undefined : 'numeric';
  return date.toLocaleDateString(locale, { day: 'numeric', month: 'short', year });
}

import type { TranslationBundle } from '@jupyterlab/translation';

/** What a parameter is called; one of a newer server by its own name. */
export function parameterLabel(name: string, trans: TranslationBundle): string {
  const labels: Record<string, string> = {
    system: trans.__('Instructions'),
    temperature: trans.__('Temperature'),
    top_p: trans.__('Top-p'),
    max_tokens: trans.__('Longest answer'),
    reasoning_effort: trans.__('Reasoning effort'),
    reasoning_budget: trans.__('Reasoning budget'),
    verbosity: trans.__('Verbosity'),
    seed: trans.__('Seed'),
    stop: trans.__('Stop at'),
    json_schema: trans.__('JSON schema'),
    caching: trans.__('Prompt caching')
  };
  return labels[name] ?? name;
}

/** What it does, in a sentence. */
export function parameterHint(name: string, trans: TranslationBundle): string {
  const hints: Record<string, string> = {
    temperature: trans.__('Low: the likeliest words. High: more surprise.'),
    top_p: trans.__(
      'Only the likeliest words that together reach this share. Change this or the temperature.'
    ),
    max_tokens: trans.__('In tokens. The answer is cut there.'),
    reasoning_effort: trans.__('How much the model thinks before it answers.'),
    reasoning_budget: trans.__('In tokens; it counts over the effort.'),
    verbosity: trans.__('How much the answer says.'),
    seed: trans.__('The same number gives the same answer, as far as the model can.'),
    stop: trans.__('One text a line. The answer ends before it.'),
    json_schema: trans.__('The answer is JSON of this schema.'),
    caching: trans.__('The provider keeps what it has read for the next turn, which costs less then.')
  };
  return hints[name] ?? '';
}

/** One of a parameter's choices. */
export function choiceLabel(choice: string, trans: TranslationBundle): string {
  const labels: Record<string, string> = {
    none: trans.__('none'),
    minimal: trans.__('minimal'),
    low: trans.__('low'),
    medium: trans.__('medium'),
    high: trans.__('high'),
    xhigh: trans.__('very high'),
    max: trans.__('most')
  };
  return labels[choice] ?? choice;
}

/** A parameter's value where there is room for a few words. */
export function valueWords(value: unknown, trans: TranslationBundle): string {
  if (typeof value === 'string') {
    return choiceLabel(value, trans);
  }
  if (typeof value === 'boolean') {
    return value ? trans.__('on') : trans.__('off');
  }
  if (Array.isArray(value)) {
    return value.map(one => JSON.stringify(one)).join(', ');
  }
  return typeof value === 'number' ? value.toLocaleString() : JSON.stringify(value);
}

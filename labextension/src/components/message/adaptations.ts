import type { TranslationBundle } from '@jupyterlab/translation';

import type { Adaptation } from '../../api/schema';
import { parameterLabel, valueWords } from '../parameters';

/** What the model got otherwise than it was given, a sentence each: what, what became of it, and why. */
export function adaptationWords(
  item: Adaptation,
  trans: TranslationBundle,
  label: (model: string) => string
): string {
  const { what, how, name, count } = item;
  const why = reason(item, trans);
  switch (what) {
    case 'parameter': {
      const called = parameterLabel(name ?? '', trans);
      return how === 'left_out'
        ? trans.__('%1 was left out: %2', called, why)
        : trans.__('%1 was sent as %2: %3', called, valueWords(item.sent, trans), why);
    }
    case 'reasoning': {
      const by = name ? label(name) : trans.__('another model');
      return trans._n(
        '%2’s reasoning was left out: %3',
        '%2’s reasoning in %1 answers was left out: %3',
        count,
        by,
        why
      );
    }
    case 'image':
      return name
        ? trans.__('The image “%1” was replaced by a line that names it: %2', name, why)
        : trans._n(
            'An image was replaced by a line of text: %2',
            '%1 images were replaced by a line of text each: %2',
            count,
            why
          );
    case 'file':
      return trans.__('The file “%1” was replaced by a line that names it: %2', name ?? '', why);
    case 'tool_call':
      return trans._n(
        'A call of the tool “%2” and its result were put in words: %3',
        '%1 calls of the tool “%2” and their results were put in words: %3',
        count,
        name ?? '',
        why
      );
    case 'tools':
      return trans.__('The tools were left out: %1', why);
    case 'messages':
      return trans.__('The oldest messages were left out: %1', why);
  }
}

function reason({ why }: Adaptation, trans: TranslationBundle): string {
  const words: Record<Adaptation['why'], string> = {
    not_taken: trans.__('the model does not take it'),
    never_sent: trans.__('llmhub.yaml says that it is never sent'),
    refused: trans.__('the server refused it'),
    beyond_range: trans.__('the model takes nothing beyond that'),
    while_reasoning: trans.__('the model does not take it while it reasons'),
    one_of_two: trans.__('the model takes it only without a temperature'),
    with_tools: trans.__('the model takes it only without tools'),
    no_images: trans.__('the model does not see images'),
    no_such_files: trans.__('the model does not take files of this type'),
    no_tools: trans.__('the model does not call tools'),
    needs_tools: trans.__('the provider takes calls only together with the tools'),
    foreign: trans.__('only its own provider can read it'),
    not_stored: trans.__('it is not stored any more'),
    by_address: trans.__('the server does not fetch images'),
    unreadable: trans.__('it cannot be read'),
    no_room: trans.__('they do not fit into the model’s window')
  };
  return words[why];
}

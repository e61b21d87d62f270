import type { TranslationBundle } from '@jupyterlab/translation';

import type { ErrorInfo } from '../../api/schema';
import { useServices } from '../context';
import { errorWords } from '../message/errorWords';
import { fieldLabel } from './ProviderFields';

interface Props {
  error: ErrorInfo;
  /** The provider as a person knows it. */
  who: string | null;
  /** What happened stands above. */
  isTold?: boolean;
}

/** What is wrong with a provider, in the words of its form; below it what the server knows besides, which is English. */
export function Problem({ error, who, isTold = false }: Props) {
  const { trans } = useServices();
  const faults = faultsOf(error);
  if (faults.length > 0) {
    return faults.map(({ field, message }) => (
      <p key={field} className="jp-llmhub-problem">
        {trans.__('%1: %2', labelOf(field, trans), message)}
      </p>
    ));
  }
  const { title, hint } = errorWords(error, who, trans);
  const known = `${isTold ? '' : error.message} ${error.hint}`;
  return title === '' ? (
    <p className="jp-llmhub-problem">{known}</p>
  ) : (
    <>
      <p className="jp-llmhub-problem">
        {title}. {hint}
      </p>
      <p className="jp-llmhub-hint">{known}</p>
    </>
  );
}

interface FieldFault {
  readonly field: string;
  readonly message: string;
}

/** What is wrong with each field, where the server says that. */
function faultsOf({ code, details }: ErrorInfo): readonly FieldFault[] {
  const { errors } = details;
  return code === 'invalid' && Array.isArray(errors) ? (errors as FieldFault[]) : [];
}

/** What a field of the server's is called in the form. */
function labelOf(field: string, trans: TranslationBundle): string {
  const name = field.split('.').at(-1) ?? field;
  const labels: Readonly<Record<string, string>> = {
    base_url: trans.__('Address'),
    api_key: trans.__('API key'),
    label: trans.__('Name'),
    kind: trans.__('Provider')
  };
  return labels[name] ?? fieldLabel({ name, label: name }, trans);
}

import { expression } from './snippet';

/** What a kernel said of its last error. */
export interface Circumstances {
  /** What the names stood for, a line or a few for each. */
  readonly values: readonly string[];
  /** The row of a table that it failed at, where it can be told. */
  readonly row: string | null;
  /** The traceback, without the passwords and keys of the environment. */
  readonly traceback: string;
}

/** Where a kernel cannot be asked. */
export const UNKNOWN = { values: [], row: null } as const;

/**
 * What a Python kernel is asked about its last error: what the names that the failing lines use stood for, and which row of a table
 * it failed at: one that a loop or a function had in hand, one whose position the error names, else the first that holds the value
 * which the error quotes.
 */
const SOURCE = String.raw`
import linecache, os, re

SECRET = re.compile('(?i)(key|token|secret|password|passwd|credential)s?$')
MOST_ROWS = 1000000

def masked(text):
    for name, value in os.environ.items():
        if SECRET.search(name) and len(value) >= 8:
            text = text.replace(value, '***')
    return text

def ours(trace):
    found = []
    while trace is not None:
        name = trace.tb_frame.f_code.co_filename
        if 'ipykernel_' in name or name.startswith('<ipython-input'):
            found.append((trace.tb_frame, trace.tb_lineno))
        trace = trace.tb_next
    return found[::-1][:3]

def used(frame):
    code = frame.f_code
    scope = {name: frame.f_globals[name] for name in code.co_names if name in frame.f_globals}
    if frame.f_locals is not frame.f_globals:
        scope.update(frame.f_locals)
    kinds = (type, type(re), type(ours), type(len))
    return {name: value for name, value in scope.items()
            if not name.startswith('_') and not SECRET.search(name) and not isinstance(value, kinds)}

def pairs(items, without):
    return ', '.join('%s=%s' % (key, cell(value)) for key, value in list(items)[:60]
                     if str(key) not in without and not SECRET.search(str(key)))

def as_row(value, without):
    if isinstance(value, given('pandas', 'Series')) and 0 < len(value) <= 60 and all(isinstance(key, str) for key in value.index):
        return 'row %s: %s' % (cell(value.name), pairs(value.items(), without))
    if isinstance(value, tuple) and hasattr(value, '_asdict'):
        return pairs(value._asdict().items(), without)
    if isinstance(value, dict) and value and len(value) <= 60 and all(isinstance(key, str) for key in value):
        return pairs(value.items(), without)
    return None

def described(value, without):
    row = as_row(value, without)
    if row is not None:
        return row
    if isinstance(value, given('pandas', 'DataFrame')):
        columns = ['%s %s' % (name, kind) for name, kind in list(value.dtypes.items())[:60] if str(name) not in without]
        return '%s; columns: %s' % (size(value), ', '.join(columns))
    if isinstance(value, given('polars', 'DataFrame')):
        columns = ['%s %s' % (name, kind) for name, kind in list(value.schema.items())[:60] if name not in without]
        return '%s; columns: %s' % (size(value), ', '.join(columns))
    if isinstance(value, given('pandas', 'Series', 'Index') + given('polars', 'Series')):
        if str(value.name) in without:
            return size(value)
        return '%s %s: %s' % (size(value), value.dtype, cut(', '.join(cell(one) for one in value[:8])))
    if isinstance(value, given('numpy', 'ndarray')):
        return '%s %s' % (size(value), value.dtype)
    return cell(value) if isinstance(value, (bool, int, float, str, type(None))) else cut(brief.repr(value))

def row_at(table, at, without):
    return 'row %s: %s' % (cell(table.index[at]), pairs(zip(table.columns, table.iloc[at]), without))

def failing_row(error, scopes, without):
    for scope in scopes:
        for name, value in scope.items():
            row = as_row(value, without) if isinstance(value, given('pandas', 'Series') + (tuple,)) else None
            if row:
                return '%s: %s' % (name, row)
    tables = [(name, value) for scope in scopes for name, value in scope.items()
              if isinstance(value, given('pandas', 'DataFrame')) and value.shape[0] <= MOST_ROWS]
    text = str(error)
    place = re.search(r'\bposition (\d+)', text)
    quoted = re.search(r"'([^']+)'\s*$|^'([^']+)'", text) if isinstance(error, (ValueError, TypeError)) else None
    for name, table in tables[:3]:
        if place and int(place.group(1)) < len(table):
            return '%s: %s' % (name, row_at(table, int(place.group(1)), without))
        for column in table.columns[:200] if quoted else ():
            kind = str(table[column].dtype)
            if kind in ('object', 'string', 'str', 'category') and str(column) not in without:
                hits = (table[column] == (quoted.group(1) or quoted.group(2))).to_numpy().nonzero()[0]
                if len(hits):
                    return '%s: %s' % (name, row_at(table, int(hits[0]), without))
    return None

def failed(kind, traceback, without):
    answer = {'values': [], 'row': None, 'traceback': masked(traceback)}
    error = getattr(sys, 'last_value', None)
    if error is None or type(error).__name__ != kind:
        return answer
    frames = ours(getattr(sys, 'last_traceback', None) or error.__traceback__)
    scopes = [used(frame) for frame, _ in frames]
    told = set()
    for (frame, line), scope in zip(frames, scopes):
        for name, value in scope.items():
            if name in told:
                continue
            told.add(name)
            try:
                answer['values'].append(masked('%s (%s): %s' % (name, named(value), described(value, without))))
            except Exception:
                pass
    try:
        row = failing_row(error, scopes, without)
        answer['row'] = row and masked(row)
    except Exception:
        pass
    return answer
`;

/** The expression that asks about the last error. `without`: columns of which nothing is told. */
export function failing(kind: string, traceback: string, without: readonly string[]): string {
  const given = [kind, traceback, without].map(one => JSON.stringify(one)).join(', ');
  return expression(`failed(${given})`, SOURCE);
}

/** What the kernel answered. Throws where that is nothing of ours. */
export function circumstancesFrom(json: string): Circumstances {
  const { values, row, traceback } = JSON.parse(json) as Partial<Record<keyof Circumstances, unknown>>;
  return {
    values: Array.isArray(values) ? values.filter(one => typeof one === 'string') : [],
    row: typeof row === 'string' ? row : null,
    traceback: typeof traceback === 'string' ? traceback : ''
  };
}

/**
 * What a Python kernel is asked about its variables. It runs as an expression in names of its own, so it leaves nothing behind in
 * the notebook's; it imports nothing that the notebook has not imported, and copies no more than a sample of what it looks at:
 * `SAMPLE` values of a column, fewer where there are many columns.
 */
const SOURCE = String.raw`
import json, sys, reprlib

SAMPLE = 10000
VALUES = 400000
COLUMNS = 100
ROWS = 20
LETTERS = 120
MOST = 500
PICTURE = 1500000

brief = reprlib.Repr()
brief.maxstring = brief.maxother = LETTERS
brief.maxlist = brief.maxtuple = brief.maxset = brief.maxdict = 8

def given(module, *names):
    found = sys.modules.get(module)
    return tuple(kind for kind in (getattr(found, name, None) for name in names) if isinstance(kind, type))

def cut(text):
    return text if len(text) <= LETTERS else text[:LETTERS] + '…'

def cell(value):
    if value is None:
        return ''
    if isinstance(value, float):
        return 'NaN' if value != value else format(value, '.6g')
    if isinstance(value, str):
        return cut(value)
    if isinstance(value, (bytes, bytearray, memoryview)):
        return '<%d bytes>' % len(value)
    if isinstance(value, (list, tuple, dict, set, frozenset)):
        return cut(brief.repr(value))
    return cut(str(value))

def named(value):
    kind = type(value)
    module = kind.__module__.split('.')[0]
    return kind.__qualname__ if module in ('builtins', '__main__') else module + '.' + kind.__qualname__

def size(value):
    shape = getattr(value, 'shape', None)
    if isinstance(shape, tuple) and all(isinstance(one, int) for one in shape):
        return ' × '.join(format(one, ',') for one in shape)
    if isinstance(value, (bool, int, float, complex, type(None))):
        return cell(value)
    if isinstance(value, str):
        return cell(value[:60])
    if isinstance(value, (list, tuple, dict, set, frozenset, bytes, bytearray)):
        return format(len(value), ',')
    return ''

def names(space):
    hidden = ()
    shell = space.get('get_ipython')
    try:
        hidden = set(shell().user_ns_hidden)
    except Exception:
        pass
    kinds = (type, type(json), type(names), type(len))
    found = []
    for name, value in list(space.items()):
        if name.startswith('_') or name in hidden or name in ('In', 'Out', 'exit', 'quit', 'get_ipython'):
            continue
        if isinstance(value, kinds) or type(value).__module__ == 'typing':
            continue
        try:
            found.append({'name': name, 'type': named(value), 'size': size(value)})
        except Exception:
            found.append({'name': name, 'type': '?', 'size': ''})
    return found[-MOST:][::-1]

def numbers(values):
    np = sys.modules.get('numpy')
    if np is not None and values.dtype.kind in 'iuf' and len(values):
        values = values.astype('float64') if values.dtype.itemsize < 4 else values
        return {'min': cell(values.min().item()), 'max': cell(values.max().item()),
                'mean': cell(float(values.mean())), 'median': cell(float(np.median(values))),
                'std': cell(float(values.std()))}
    return None

def common(counts):
    return {'distinct': format(len(counts), ','), 'common': [cell(value) for value in counts[:3]]}

def pandas_column(name, part):
    column = {'name': str(name), 'type': str(part.dtype), 'missing': int(part.isna().sum())}
    try:
        there = part.dropna()
        kind = getattr(part.dtype, 'kind', 'O')
        if kind in 'iuf':
            column['stats'] = numbers(there.to_numpy())
        elif kind in 'mM' and len(there):
            column['stats'] = {'min': cell(there.min()), 'max': cell(there.max())}
        else:
            column['stats'] = common([value for value, _ in there.value_counts().items()])
    except Exception:
        pass
    return column

def sampled(rows, width):
    return max(1, -(-rows // max(200, min(SAMPLE, VALUES // max(1, width)))))

def pandas_table(value):
    rows, width = value.shape
    step = sampled(rows, min(width, COLUMNS))
    part = value.iloc[::step, :COLUMNS]
    columns = [pandas_column(value.columns[at], part.iloc[:, at]) for at in range(part.shape[1])]
    return {'rows': rows, 'width': width, 'columns': columns, 'sample': len(part) if step > 1 else None,
            'head': [[cell(one) for one in row] for row in value.iloc[:ROWS, :COLUMNS].itertuples(index=False, name=None)]}

def polars_table(value):
    rows, width = value.shape
    step = sampled(rows, min(width, COLUMNS))
    some = value.select(value.columns[:COLUMNS])
    part = some.gather_every(step) if step > 1 else some
    columns = []
    for name in part.columns:
        one = part[name]
        column = {'name': name, 'type': str(one.dtype), 'missing': one.null_count()}
        try:
            there = one.drop_nulls()
            if one.dtype.is_numeric() and len(there):
                column['stats'] = {'min': cell(there.min()), 'max': cell(there.max()), 'mean': cell(there.mean()),
                                   'median': cell(there.median()), 'std': cell(there.std())}
            elif one.dtype.is_temporal() and len(there):
                column['stats'] = {'min': cell(there.min()), 'max': cell(there.max())}
            else:
                counts = there.value_counts(sort=True)
                column['stats'] = common(counts.to_series(0).to_list()[:3])
                column['stats']['distinct'] = format(len(counts), ',')
        except Exception:
            pass
        columns.append(column)
    return {'rows': rows, 'width': width, 'columns': columns, 'sample': len(part) if step > 1 else None,
            'head': [[cell(one) for one in row] for row in some.head(ROWS).rows()]}

def arrow_table(value):
    columns = [{'name': one.name, 'type': str(one.type), 'missing': value.column(at).null_count}
               for at, one in enumerate(list(value.schema)[:COLUMNS])]
    head = value.slice(0, ROWS).to_pylist()
    return {'rows': value.num_rows, 'width': value.num_columns, 'columns': columns, 'sample': None,
            'head': [[cell(row.get(one['name'])) for one in columns] for row in head]}

def array(value):
    shape = value.shape
    per = max(2, int(SAMPLE ** (1 / max(1, len(shape)))))
    part = value[tuple(slice(None, None, max(1, -(-one // per))) for one in shape)]
    about = {'type': str(value.dtype)}
    if value.dtype.kind == 'f':
        missing = part != part
        about['missing'] = int(missing.sum())
        part = part[~missing]
    stats = numbers(part.ravel())
    corner = value[tuple(slice(0, 6) for _ in shape)]
    lines = [', '.join(key + ' ' + one for key, one in (stats or {}).items())]
    if about.get('missing'):
        lines.append('NaN: %d' % about['missing'] + (' in the sample' if value.size > SAMPLE else ''))
    if value.size > SAMPLE:
        lines.append('(of a sample of %s values)' % format(part.size, ','))
    lines.append('Its first corner:\n' + str(corner))
    return {'size': size(value) + ' ' + about['type'], 'text': '\n'.join(line for line in lines if line)}

def picture(value, write):
    import io, base64
    out = io.BytesIO()
    write(out)
    data = out.getvalue()
    if len(data) > PICTURE:
        return {'text': 'Its picture is too large to be shown: %d bytes.' % len(data)}
    return {'image': base64.b64encode(data).decode()}

def small(value):
    width, height = value.size
    scale = min(1, 768 / max(width, height, 1))
    made = value.resize((max(1, int(width * scale)), max(1, int(height * scale))))
    return made if made.mode in ('RGB', 'RGBA', 'L') else made.convert('RGB')

def look(space, name):
    if name not in space:
        return {'problem': 'gone'}
    value = space[name]
    found = {'name': name, 'type': named(value), 'size': size(value)}
    try:
        found.update(facts(value))
    except Exception as error:
        found['text'] = 'It could not be looked at: %s: %s' % (type(error).__name__, cut(str(error)))
    return found

def facts(value):
    if isinstance(value, given('pandas', 'DataFrame')):
        return pandas_table(value)
    if isinstance(value, given('pandas', 'Series', 'Index')):
        return pandas_table(value.to_frame())
    if isinstance(value, given('polars', 'DataFrame')):
        return polars_table(value)
    if isinstance(value, given('polars', 'Series')):
        return polars_table(value.to_frame())
    if isinstance(value, given('polars', 'LazyFrame')):
        schema = value.collect_schema()
        return {'text': 'A query that has not run; its columns:\n' + '\n'.join('%s: %s' % pair for pair in schema.items())}
    if isinstance(value, given('pyarrow', 'Table')):
        return arrow_table(value)
    if isinstance(value, given('numpy', 'ndarray')):
        return array(value)
    if isinstance(value, given('matplotlib.figure', 'Figure')):
        return picture(value, lambda out: value.savefig(out, format='png', dpi=min(value.dpi, 100)))
    if isinstance(value, given('PIL.Image', 'Image')):
        return picture(value, lambda out: small(value).save(out, 'PNG'))
    if isinstance(value, str):
        return {'text': value[:20000]}
    if isinstance(value, dict):
        lines = []
        for key, one in value.items():
            lines.append('%s: %s %s' % (cell(key), named(one), cut(brief.repr(one))))
            if len(lines) == 100:
                break
        return {'text': '\n'.join(lines)}
    if isinstance(value, (list, tuple)):
        return {'text': '\n'.join('%s %s' % (named(one), cut(brief.repr(one))) for one in value[:100])}
    if isinstance(value, (set, frozenset, bytes, bytearray)):
        return {'text': brief.repr(value)}
    return {'text': repr(value)[:4000]}

class Answer:
    def __init__(self, value):
        self.text = json.dumps(value)
    def _repr_mimebundle_(self, **_):
        return {'text/plain': self.text}
`;

/** The expression that lists the variables of a Python kernel. */
export const LIST = expression('names(space)');

/** The expression that looks at one variable. */
export function looking(name: string): string {
  return expression(`look(space, ${JSON.stringify(name)})`);
}

/** Of the names of the notebook it sees all and changes none. `more`: what is asked with besides. */
export function expression(call: string, more = ''): string {
  const lines = JSON.stringify(`${SOURCE}${more}\nanswer = Answer(${call})\n`);
  return `(lambda own: (__import__('builtins').exec(${lines}, own), own['answer'])[1])({'__name__': 'llmhub_look', 'space': globals()})`;
}

// Tables: headers that sort, cells that say their column on a narrow screen.

/**
 * A table. A column has a title and draws its cell; with `value` it can be sorted by, `end` aligns numbers, `head` makes the cell the row's
 * header. Without `sort` the rows stay in the order given.
 */
function table({ name, caption, columns, rows, rowKey, sort, onsort, kind = '' }) {
  const order = sort?.column;
  return h(
    'div',
    { class: 'scroll', key: name },
    h(
      'table',
      { class: `stacks ${name} ${kind}`, role: 'table' },
      h('caption', null, caption),
      h(
        'thead',
        { role: 'rowgroup' },
        h(
          'tr',
          { role: 'row' },
          columns.map(column =>
            h(
              'th',
              {
                key: column.title,
                scope: 'col',
                role: 'columnheader',
                class: column.end ? 'end' : null,
                'aria-sort': onsort && column.value ? (order === column.title ? sort.direction : 'none') : null,
              },
              onsort && column.value
                ? h(
                    'button',
                    { type: 'button', class: 'sorter', onclick: () => onsort(column) },
                    column.title,
                    h(
                      'span',
                      { class: 'arrow', 'aria-hidden': 'true' },
                      order !== column.title ? '' : sort.direction === 'ascending' ? '↑' : '↓',
                    ),
                  )
                : column.title,
            ),
          ),
        ),
      ),
      h(
        'tbody',
        { role: 'rowgroup' },
        rows.map(row =>
          h(
            'tr',
            { key: rowKey(row), role: 'row' },
            columns.map(column => {
              const content = column.cell(row);
              const blank = content === null || content === '' || content === none;
              return h(
                column.head ? 'th' : 'td',
                {
                  scope: column.head ? 'row' : null,
                  role: column.head ? 'rowheader' : 'cell',
                  'data-title': column.title,
                  class: [column.end && 'end', column.head && 'head', blank && 'blank', column.class].filter(Boolean).join(' ') || null,
                },
                column.head ? content : h('div', null, content),
              );
            }),
          ),
        ),
      ),
    ),
  );
}

/** What a click on a header makes of the order: the column's natural direction first, then the other. */
function sortBy(sort, column) {
  const natural = column.end ? 'descending' : 'ascending';
  if (sort?.column !== column.title) return { column: column.title, direction: natural };
  return { column: column.title, direction: sort.direction === 'ascending' ? 'descending' : 'ascending' };
}

function sorted(rows, columns, sort) {
  const column = columns.find(one => one.title === sort?.column);
  if (!column) return rows;
  const sign = sort.direction === 'ascending' ? 1 : -1;
  // What is not there comes last in both directions.
  return rows
    .map(row => [column.value(row), row])
    .sort(([a], [b]) => {
      if (a === b) return 0;
      if (a === null || a === undefined) return 1;
      if (b === null || b === undefined) return -1;
      return sign * (typeof a === 'string' ? a.localeCompare(b, 'en', { numeric: true }) : a - b);
    })
    .map(([, row]) => row);
}

function section(id, title, ...content) {
  return h('section', { key: id, id, 'aria-labelledby': `${id}-title` }, h('h2', { id: `${id}-title`, tabindex: -1 }, title), content);
}

function empty(...content) {
  return h('p', { class: 'empty', key: 'empty' }, content);
}

function search(id, label, oninput) {
  return h(
    'p',
    { class: 'search', key: id },
    h('label', { for: id }, label),
    h('input', {
      id,
      type: 'search',
      autocomplete: 'off',
      spellcheck: 'false',
      oninput: event => oninput(event.target.value),
    }),
  );
}

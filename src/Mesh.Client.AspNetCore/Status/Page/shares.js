// Who has which part of the hash table or ring, or of the attempts where nothing is hashed.

const mostRows = 24;
const mostColumns = 100;

function hashed(service) {
  return service.endpoints.some(endpoint => endpoint.tableShare !== undefined && endpoint.tableShare !== null);
}

function shareTitle(service) {
  if (!hashed(service)) return 'Shares of attempts';
  return service.balancing.policy === 'RingHash' ? 'Shares of the ring' : `Shares of the ${service.balancing.policy} table`;
}

function shares(service, all) {
  const total = service.endpoints.length + service.endpointsOmitted;
  const endpoints = all && all.length > service.endpoints.length ? all : service.endpoints;
  const byTable = hashed(service);
  const items = endpoints
    .map(endpoint => ({
      key: endpoint.address,
      label: labelOf(endpoint),
      state: endpoint.state,
      share: (byTable ? endpoint.tableShare : endpoint.attemptShare) ?? 0,
      attempts: endpoint.attemptShare,
    }))
    .sort((a, b) => (total > mostRows ? b.share - a.share : a.label.localeCompare(b.label, 'en', { numeric: true })));
  if (items.every(item => item.share === 0)) return empty('No share to show yet: the first call makes the picture.');
  if (endpoints.length < total) return empty('Reading all endpoints…');
  const average = 1 / total;
  return h(
    'figure',
    { class: 'shares', key: 'shares' },
    h('figcaption', null, sharesInWords(service, items, average, byTable)),
    total <= mostRows ? few(service, items, average, byTable) : many(items, average, total),
  );
}

function labelOf(endpoint) {
  return endpoint.hashKey && endpoint.hashKey !== endpoint.address ? endpoint.hashKey : endpoint.address;
}

/** The picture's text alternative, for everybody. */
function sharesInWords({ balancing }, items, average, byTable) {
  const largest = items.reduce((a, b) => (a.share >= b.share ? a : b));
  const smallest = items.reduce((a, b) => (a.share <= b.share ? a : b));
  const size =
    byTable && balancing.tableSize ? ` of ${count(balancing.tableSize)} ${balancing.policy === 'RingHash' ? 'points' : 'slots'}` : '';
  return (
    `${plural(items.length, 'endpoint')}${size ? `, parts${size}` : ''}. The average is ${percent(average)} %; ` +
    `the largest, ${largest.label}, has ${percent(largest.share)} % (${(largest.share / average).toFixed(2)} of the average), ` +
    `the smallest, ${smallest.label}, ${percent(smallest.share)} % (${(smallest.share / average).toFixed(2)}).`
  );
}

function few(service, items, average, byTable) {
  const most = Math.max(...items.map(item => Math.max(item.share, item.attempts ?? 0))) * 1.05;
  const asRing = byTable && service.balancing.policy === 'RingHash';
  return h(
    'div',
    { class: asRing ? 'picture with-ring' : 'picture' },
    asRing ? ring(items, service.balancing.tableSize) : strip(items),
    h(
      'table',
      { class: 'sharelist', role: 'table' },
      h('caption', { class: 'away-from-sight' }, 'Share of each endpoint'),
      h(
        'thead',
        { role: 'rowgroup' },
        h(
          'tr',
          { role: 'row' },
          [['', ''], ['Endpoint', ''], ['Dashed line: the average', 'graph'], ['Share %', 'end'], byTable && ['Attempts %', 'end']]
            .filter(Boolean)
            .map(([title, kind], i) =>
              h(
                'th',
                { scope: 'col', key: i, role: 'columnheader', class: kind || null },
                title || h('span', { class: 'away-from-sight' }, 'Number'),
              ),
            ),
        ),
      ),
      h(
        'tbody',
        { role: 'rowgroup' },
        items.map((item, i) =>
          h(
            'tr',
            { key: item.key, role: 'row' },
            h('td', { role: 'cell', class: 'number' }, i + 1),
            h('th', { role: 'rowheader', scope: 'row' }, item.label, item.state !== 'available' && [' ', stateWord(item.state)]),
            h('td', { role: 'cell', class: 'graph' }, shareBar(item, most, average, byTable, i)),
            h('td', { role: 'cell', class: 'end' }, percent(item.share)),
            byTable && h('td', { role: 'cell', class: 'end' }, percent(item.attempts)),
          ),
        ),
      ),
    ),
    byTable && h('p', { class: 'muted' }, 'The bar is the part of the table, the thin line below it the part of the attempts.'),
  );
}

function shareBar(item, most, average, byTable, i) {
  const at = part => `${((part / most) * 100).toFixed(2)}%`;
  return h(
    'svg',
    { class: 'sharebar', 'aria-hidden': 'true' },
    h('rect', { class: `tone${i % 2}`, y: '18%', width: at(item.share), height: '50%' }),
    item.state !== 'available' && h('rect', { fill: 'url(#strip-hatch)', y: '18%', width: at(item.share), height: '50%' }),
    byTable && item.attempts !== undefined && h('rect', { class: 'live', y: '74%', width: at(item.attempts), height: '12%' }),
    h('line', { class: 'average', x1: at(average), x2: at(average), y1: 0, y2: '100%' }),
  );
}

/** Columns by rank; from 100 endpoints on, each column is the mean of neighbours. */
function many(items, average, total) {
  const columns = Math.min(mostColumns, total);
  const groups = Array.from({ length: columns }, (_, i) =>
    items.slice(Math.floor((i * total) / columns), Math.floor(((i + 1) * total) / columns)),
  );
  const heights = groups.map(group => group.reduce((sum, item) => sum + item.share, 0) / group.length);
  const most = heights[0] * 1.05;
  const width = 100 / columns;
  const meaning = total > columns ? `each column the mean of ${plural(Math.round(total / columns), 'endpoint')}` : 'a column an endpoint';
  return [
    h(
      'svg',
      { class: 'ranks', 'aria-hidden': 'true' },
      heights.map((height, i) =>
        h(
          'g',
          { key: i },
          h(
            'title',
            null,
            groups[i].length === 1
              ? `${groups[i][0].label}: ${percent(height)} %`
              : `${plural(groups[i].length, 'endpoint')} around ${percent(height)} %`,
          ),
          column(i * width, width, height / most, 'calls'),
        ),
      ),
      h('line', {
        class: 'average',
        x1: 0,
        x2: '100%',
        y1: `${(100 - (average / most) * 100).toFixed(2)}%`,
        y2: `${(100 - (average / most) * 100).toFixed(2)}%`,
      }),
    ),
    h('p', { class: 'muted' }, `From the largest share to the smallest, ${meaning}; dashed: the average.`),
  ];
}

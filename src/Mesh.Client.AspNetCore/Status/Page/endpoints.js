// The endpoints of one service: a page of them live, all of them for who sorts, filters or looks at the shares.

const pageSize = 100;
const readSize = 1000;
const readAgain = 15000;

class EndpointList {
  #address;
  #again;
  #readAt = 0;
  #reading = false;
  #sort = null;
  #text = '';
  #state = '';
  #page = 0;

  /** Null until they are read. */
  all = null;

  constructor(address, again) {
    this.#address = address;
    this.#again = again;
  }

  take({ endpoints, endpointsOmitted }) {
    if (endpointsOmitted === 0) this.all = endpoints;
    else this.#readAll();
  }

  // More than a page: the others are read now and then, the first page comes with each event.
  async #readAll() {
    if (this.#reading || Date.now() - this.#readAt < readAgain) return;
    this.#reading = true;
    const all = await readEndpoints(this.#address, readSize);
    this.#reading = false;
    this.#readAt = Date.now();
    this.all = all ?? this.all;
    this.#again();
  }

  draw(service) {
    const total = service.endpoints.length + service.endpointsOmitted;
    if (total === 0) return empty('There is no endpoint. Look at what discovery says above, or start an instance.');
    const columns = endpointColumns(service);
    const found = this.#find(service, columns);
    const pages = Math.max(1, Math.ceil((found?.amount ?? total) / pageSize));
    this.#page = Math.min(this.#page, pages - 1);
    return [
      this.#tools(service, found, total),
      found?.amount === 0 && empty('No endpoint is like that.'),
      found?.amount > 0 &&
        table({
          name: 'endpoints',
          kind: 'dense',
          caption: this.#sort ? 'Endpoints' : 'Endpoints, the most troubled first, then the largest share',
          columns,
          rows: found.rows.slice(this.#page * pageSize, (this.#page + 1) * pageSize),
          rowKey: endpoint => endpoint.address,
          sort: this.#sort,
          onsort: column => this.#change(() => (this.#sort = sortBy(this.#sort, column))),
        }),
      pages > 1 && this.#pager(pages),
    ];
  }

  /** What is sought, in order; null while it is being read. */
  #find(service, columns) {
    const seeking = this.#text || this.#state || this.#sort;
    const total = service.endpoints.length + service.endpointsOmitted;
    if (!seeking && this.#page === 0) return { rows: service.endpoints, amount: total };
    if (!this.all) return null;
    const fresh = new Map(service.endpoints.map(endpoint => [endpoint.address, endpoint]));
    const sought = this.#text.toLowerCase();
    const rows = this.all
      .map(endpoint => fresh.get(endpoint.address) ?? endpoint)
      .filter(endpoint => (!this.#state || endpoint.state === this.#state) && (!sought || textOf(endpoint).includes(sought)));
    return { rows: sorted(rows, columns, this.#sort), amount: rows.length };
  }

  #tools(service, found, total) {
    return h(
      'div',
      { class: 'tools', key: 'tools' },
      search('endpoint-search', 'Filter endpoints', text => this.#seek(() => (this.#text = text.trim()))),
      h(
        'p',
        { class: 'search', key: 'state' },
        h('label', { for: 'endpoint-state' }, 'State'),
        h(
          'select',
          { id: 'endpoint-state', onchange: event => this.#seek(() => (this.#state = event.target.value)) },
          h('option', { value: '', key: '' }, 'any'),
          stateOrder.map(state =>
            h('option', { value: state, key: state }, `${words(state)} (${count(service.endpointStates[state] ?? 0)})`),
          ),
        ),
      ),
      h(
        'p',
        { class: 'muted', key: 'count', id: 'endpoint-count' },
        !found
          ? 'Reading all endpoints…'
          : found.amount === total
            ? plural(total, 'endpoint')
            : `${count(found.amount)} of ${plural(total, 'endpoint')}`,
      ),
    );
  }

  // Buttons at an end stay where they are, and keep the focus.
  #pager(pages) {
    const turn = (key, title, to) =>
      h(
        'button',
        {
          type: 'button',
          key,
          'aria-disabled': to === this.#page ? 'true' : null,
          onclick: () => this.#change(() => (this.#page = to)),
        },
        title,
      );
    return h(
      'nav',
      { class: 'pager', key: 'pager', 'aria-label': 'Pages of endpoints' },
      turn('back', 'Previous', Math.max(0, this.#page - 1)),
      h('span', { key: 'where' }, `Page ${count(this.#page + 1)} of ${count(pages)}`),
      turn('on', 'Next', Math.min(pages - 1, this.#page + 1)),
    );
  }

  #seek(set) {
    this.#change(() => {
      set();
      this.#page = 0;
    });
  }

  #change(set) {
    set();
    this.#again();
  }
}

function endpointColumns(service) {
  const tables = service.endpoints.some(endpoint => endpoint.tableShare !== undefined);
  const zones = service.endpoints.some(endpoint => endpoint.zone);
  return [
    {
      title: 'Endpoint',
      head: true,
      value: endpoint => endpoint.address,
      cell: endpoint => [
        h('code', null, endpoint.address),
        endpoint.hashKey !== endpoint.address && h('div', { class: 'muted' }, endpoint.hashKey),
      ],
    },
    {
      title: 'State',
      value: endpoint => stateOrder.indexOf(endpoint.state),
      class: 'state-cell',
      cell: endpoint => [stateWord(endpoint.state), endpoint.why && h('div', { class: 'why' }, endpoint.why)],
    },
    tables && { title: 'Table %', end: true, value: endpoint => endpoint.tableShare, cell: endpoint => percent(endpoint.tableShare) },
    { title: 'Attempts %', end: true, value: endpoint => endpoint.attemptShare, cell: endpoint => percent(endpoint.attemptShare) },
    { title: 'Attempts', end: true, value: endpoint => endpoint.attempts, cell: endpoint => count(endpoint.attempts) },
    { title: 'Failed', end: true, value: endpoint => endpoint.failures, cell: endpoint => count(endpoint.failures) },
    { title: 'In flight', end: true, value: endpoint => endpoint.inFlight, cell: endpoint => count(endpoint.inFlight) },
    {
      title: 'EWMA ms',
      end: true,
      value: endpoint => endpoint.latencyMilliseconds,
      cell: endpoint => milliseconds(endpoint.latencyMilliseconds),
    },
    {
      title: 'Identity',
      value: endpoint => endpoint.identity,
      class: 'identity',
      cell: endpoint => [
        endpoint.identity ? [fullName(endpoint.identity), ', '] : h('span', { class: 'muted' }, 'none, '),
        h('span', { class: 'nobreak' }, endpoint.framing),
      ],
    },
    zones && { title: 'Zone', class: 'nobreak', value: endpoint => endpoint.zone, cell: endpoint => endpoint.zone ?? none },
  ].filter(Boolean);
}

function textOf(endpoint) {
  const labels = Object.entries(endpoint.labels ?? {}).map(([name, value]) => `${name}=${value}`);
  return [
    endpoint.address,
    endpoint.hashKey,
    endpoint.state,
    words(endpoint.state),
    endpoint.why,
    endpoint.identity,
    endpoint.framing,
    endpoint.zone,
    ...labels,
  ]
    .filter(Boolean)
    .join(' ')
    .toLowerCase();
}

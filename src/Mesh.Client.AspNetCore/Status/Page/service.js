// One service: its figures, endpoints, shares, picks, routes and failures.

const pageSize = 100;
const readSize = 1000;
const readAgain = 15000;

class Service {
  #again;
  #address;
  #snapshot = null;
  #missing = null;
  #all = null;
  #readAt = 0;
  #reading = false;
  #sort = null;
  #text = '';
  #state = '';
  #page = 0;

  constructor(name, address, again) {
    this.title = name;
    this.#address = address;
    this.#again = again;
  }

  query = `?offset=0&limit=${pageSize}`;

  take(snapshot) {
    this.#snapshot = snapshot;
    this.#missing = null;
    const { endpoints, endpointsOmitted } = serviceIn(snapshot);
    if (endpointsOmitted === 0) this.#all = endpoints;
    else this.#readAll();
  }

  missing(said) {
    this.#missing = said;
  }

  // More than a page: the others are read now and then, the first page comes with each event.
  async #readAll() {
    if (this.#reading || Date.now() - this.#readAt < readAgain) return;
    this.#reading = true;
    const all = await readEndpoints(this.#address, readSize);
    this.#reading = false;
    this.#readAt = Date.now();
    this.#all = all ?? this.#all;
    this.#again();
  }

  draw() {
    const heading = [
      h('nav', { key: 'crumbs', class: 'crumbs', 'aria-label': 'Breadcrumb' }, h('a', { href: overviewAddress(), onclick: follow }, '← All services')),
      h('h1', { key: 'h1', tabindex: -1 }, fullName(this.title)),
    ];
    if (this.#missing) {
      return [heading, h('p', { class: 'empty', key: 'missing' }, 'This process has called no service of that name. ', this.#missing)];
    }

    if (!this.#snapshot) return [heading, h('p', { class: 'empty', key: 'wait' }, 'Reading…')];
    const service = serviceIn(this.#snapshot);
    const at = this.#snapshot.at;
    return [
      heading,
      h('p', { class: 'lead', key: 'lead' }, origin(service)),
      trouble(service) && h('div', { class: 'attention', key: 'trouble' }, trouble(service)),
      this.#figures(service),
      h('nav', { class: 'sections', key: 'nav', 'aria-label': 'On this page' }, h('ul', null, [
        ['endpoints', 'Endpoints'], ['shares', 'Shares'], ['picks', 'Picks'], ['routes', 'Routes'], ['failures', 'Failures'],
      ].map(([id, name]) => h('li', { key: id }, h('a', { href: `#${id}`, onclick: jump }, name))))),
      section('endpoints', 'Endpoints', this.#endpoints(service)),
      section('shares', shareTitle(service), shares(service, this.#all)),
      section('picks', 'Picks', picks(service)),
      section('routes', 'Routes', routes(service)),
      this.#snapshot.failures && section('failures', 'Recent failures',
        failures(this.#snapshot.failures.filter(call => call.service === service.name), at, false)),
    ];
  }

  #figures(service) {
    const { traffic } = service;
    return [
      h('dl', { class: 'figures', key: 'figures' },
        figure('Calls/s', rate(traffic.perSecond)),
        figure('Success', successCell(traffic), traffic.successRatio !== undefined && ' %'),
        figure('p50', milliseconds(traffic.p50Milliseconds), ' ms'),
        figure('p95', milliseconds(traffic.p95Milliseconds), ' ms'),
        figure('p99', milliseconds(traffic.p99Milliseconds), ' ms'),
        figure('Under way', count(service.inFlight), service.limit !== undefined && ` of ${count(service.limit)}`),
        service.waiting > 0 && figure('Waiting', count(service.waiting)),
        figure('Since the start', count(traffic.calls), ` calls, ${count(traffic.failures)} failed, ${count(traffic.retries)} retried`)),
      traffic.history.length > 0 && h('div', { class: 'charts', key: 'charts' }, callColumns(traffic.history), latencyColumns(traffic.history)),
    ];
  }

  #endpoints(service) {
    const total = service.endpoints.length + service.endpointsOmitted;
    if (total === 0) return empty('There is no endpoint. Look at what discovery says above, or start an instance.');
    const seeking = this.#text !== '' || this.#state !== '' || this.#sort !== null;
    // The first page as the server orders it is always fresh; anything else needs them all.
    const known = seeking || this.#page > 0 ? this.#all : this.#all ?? service.endpoints;
    const columns = endpointColumns(service);
    const fresh = new Map(service.endpoints.map(endpoint => [endpoint.address, endpoint]));
    const merged = !seeking && this.#page === 0 ? service.endpoints : (known ?? []).map(endpoint => fresh.get(endpoint.address) ?? endpoint);
    const sought = this.#text.toLowerCase();
    const found = seeking ? sorted(merged.filter(endpoint => (!this.#state || endpoint.state === this.#state) && (!sought || textOf(endpoint).includes(sought))), columns, this.#sort) : merged;
    const amount = seeking ? found.length : total;
    const pages = Math.max(1, Math.ceil(amount / pageSize));
    this.#page = Math.min(this.#page, pages - 1);
    const rows = !seeking && this.#page === 0 ? found.slice(0, pageSize) : found.slice(this.#page * pageSize, (this.#page + 1) * pageSize);
    const change = set => {
      set();
      this.#again();
    };
    return [
      h('div', { class: 'tools', key: 'tools' },
        search('endpoint-search', 'Filter endpoints', text => change(() => {
          this.#text = text.trim();
          this.#page = 0;
        })),
        h('p', { class: 'search', key: 'state' }, h('label', { for: 'endpoint-state' }, 'State'), h('select', {
          id: 'endpoint-state', onchange: event => change(() => {
            this.#state = event.target.value;
            this.#page = 0;
          }),
        }, h('option', { value: '', key: '' }, 'any'), stateOrder.map(state => h('option', { value: state, key: state }, `${words(state)} (${count(service.endpointStates[state] ?? 0)})`)))),
        h('p', { class: 'muted', key: 'count', id: 'endpoint-count' }, seeking && !this.#all ? 'Reading all endpoints…'
          : amount === total ? plural(total, 'endpoint') : `${count(amount)} of ${plural(total, 'endpoint')}`)),
      rows.length === 0 && !(seeking && !this.#all) ? empty('No endpoint is like that.') : table({
        name: 'endpoints', kind: 'dense', caption: this.#sort ? 'Endpoints' : 'Endpoints, the most troubled first, then the largest share',
        columns, rows, rowKey: endpoint => endpoint.address, sort: this.#sort, onsort: column => change(() => {
          this.#sort = sortBy(this.#sort, column);
        }),
      }),
      pages > 1 && h('nav', { class: 'pager', key: 'pager', 'aria-label': 'Pages of endpoints' },
        h('button', { type: 'button', key: 'back', 'aria-disabled': this.#page === 0 ? 'true' : null, onclick: () => change(() => this.#page = Math.max(0, this.#page - 1)) }, 'Previous'),
        h('span', { key: 'where' }, `Page ${count(this.#page + 1)} of ${count(pages)}`),
        h('button', { type: 'button', key: 'on', 'aria-disabled': this.#page === pages - 1 ? 'true' : null, onclick: () => change(() => this.#page = Math.min(pages - 1, this.#page + 1)) }, 'Next')),
    ];
  }
}

function figure(name, value, unit) {
  return h('div', { key: name }, h('dt', null, name), h('dd', null, h('span', { class: 'number' }, value), unit && h('small', null, unit)));
}

function origin(service) {
  return [
    stateBar(service.endpointStates), service.source && ` · from ${service.source}`,
    service.ageSeconds !== undefined && ` · latest state ${duration(service.ageSeconds)} ago`,
    ` · ${plural(service.updates, 'update')}`,
  ];
}

function endpointColumns(service) {
  const tables = service.endpoints.some(endpoint => endpoint.tableShare !== undefined);
  const zones = service.endpoints.some(endpoint => endpoint.zone);
  return [
    { title: 'Endpoint', head: true, value: endpoint => endpoint.address, cell: endpoint => [
      h('code', null, endpoint.address), endpoint.hashKey !== endpoint.address && h('div', { class: 'muted' }, endpoint.hashKey)] },
    { title: 'State', value: endpoint => stateOrder.indexOf(endpoint.state), class: 'state-cell', cell: endpoint => [
      stateWord(endpoint.state), endpoint.why && h('div', { class: 'why' }, endpoint.why)] },
    tables && { title: 'Table %', end: true, value: endpoint => endpoint.tableShare, cell: endpoint => percent(endpoint.tableShare) },
    { title: 'Attempts %', end: true, value: endpoint => endpoint.attemptShare, cell: endpoint => percent(endpoint.attemptShare) },
    { title: 'Attempts', end: true, value: endpoint => endpoint.attempts, cell: endpoint => count(endpoint.attempts) },
    { title: 'Failed', end: true, value: endpoint => endpoint.failures, cell: endpoint => count(endpoint.failures) },
    { title: 'In flight', end: true, value: endpoint => endpoint.inFlight, cell: endpoint => count(endpoint.inFlight) },
    { title: 'EWMA ms', end: true, value: endpoint => endpoint.latencyMilliseconds, cell: endpoint => milliseconds(endpoint.latencyMilliseconds) },
    { title: 'Identity', value: endpoint => endpoint.identity, class: 'identity', cell: endpoint => [
      endpoint.identity ? [fullName(endpoint.identity), ', '] : h('span', { class: 'muted' }, 'none, '), h('span', { class: 'nobreak' }, endpoint.framing)] },
    zones && { title: 'Zone', class: 'nobreak', value: endpoint => endpoint.zone, cell: endpoint => endpoint.zone ?? none },
  ].filter(Boolean);
}

function textOf(endpoint) {
  const labels = Object.entries(endpoint.labels ?? {}).map(([name, value]) => `${name}=${value}`);
  return [endpoint.address, endpoint.hashKey, endpoint.state, words(endpoint.state), endpoint.why, endpoint.identity, endpoint.framing, endpoint.zone, ...labels]
    .filter(Boolean).join(' ').toLowerCase();
}

function picks({ balancing }) {
  const entries = Object.entries(balancing.picks).filter(([, value]) => value > 0).sort(([, a], [, b]) => b - a);
  const total = entries.reduce((sum, [, value]) => sum + value, 0);
  const retries = Object.entries(balancing.retries).filter(([, value]) => value > 0);
  return [
    h('p', { key: 'policy' }, 'Policy ', h('b', null, balancing.policy),
      balancing.hashOn.length > 0 && [' by ', balancing.hashOn.join(', then ')],
      balancing.hashOn.length > 0 && balancing.endpointKey && ['; endpoints hash by ', balancing.endpointKey], '.'),
    total === 0 ? empty('No pick since this page was first opened. Each call makes one, with its reason.') : table({
      name: 'picks', caption: 'Picks by reason since the status was first looked at', rows: entries, rowKey: ([reason]) => reason,
      columns: [
        { title: 'Reason', head: true, cell: ([reason]) => [words(reason), reasons[reason] && h('div', { class: 'muted' }, reasons[reason])] },
        { title: 'Picks', end: true, cell: ([, value]) => count(value) },
        { title: 'Share %', end: true, cell: ([, value]) => percent(value / total) },
        { title: 'Of all', class: 'wide', cell: ([, value]) => bar(value, total, null) },
      ],
    }),
    retries.length > 0 && h('p', { key: 'retries' }, 'Retries since the start: ', tally(Object.fromEntries(retries)), '.'),
  ];
}

// One service: its figures, and its endpoints, shares, picks, routes and failures below.

class Service {
  #snapshot = null;
  #missing = null;
  #endpoints;

  constructor(name, address, again) {
    this.title = name;
    this.#endpoints = new EndpointList(address, again);
  }

  query = `?offset=0&limit=${pageSize}`;

  take(snapshot) {
    this.#snapshot = snapshot;
    this.#missing = null;
    this.#endpoints.take(serviceIn(snapshot));
  }

  missing(said) {
    this.#missing = said;
  }

  draw() {
    const service = this.#snapshot && serviceIn(this.#snapshot);
    const heading = [
      h(
        'nav',
        { key: 'crumbs', class: 'crumbs', 'aria-label': 'Breadcrumb' },
        h('a', { href: overviewAddress(), onclick: follow }, '← All services'),
      ),
      h('h1', { key: 'h1', tabindex: -1 }, fullName(service?.name ?? this.title)),
    ];
    if (this.#missing) return [heading, missing(this.#missing)];
    if (!service) return [heading, waiting(this.unread)];
    const at = this.#snapshot.at;
    return [
      heading,
      h('p', { class: 'lead', key: 'lead' }, origin(service)),
      trouble(service) && h('div', { class: 'attention', key: 'trouble' }, trouble(service)),
      figures(service),
      h(
        'nav',
        { class: 'sections', key: 'nav', 'aria-label': 'On this page' },
        h(
          'ul',
          null,
          [
            ['endpoints', 'Endpoints'],
            ['shares', 'Shares'],
            ['picks', 'Picks'],
            ['routes', 'Routes'],
            ['failures', 'Failures'],
          ].map(([id, name]) => h('li', { key: id }, h('a', { href: `#${id}`, onclick: jump }, name))),
        ),
      ),
      section('endpoints', 'Endpoints', this.#endpoints.draw(service)),
      section('shares', shareTitle(service), shares(service, this.#endpoints.all)),
      section('picks', 'Picks', picks(service)),
      section('routes', 'Routes', routes(service)),
      this.#snapshot.failures &&
        section(
          'failures',
          'Recent failures',
          failures(
            this.#snapshot.failures.filter(call => call.service === service.name),
            at,
            false,
          ),
        ),
    ];
  }
}

function figures(service) {
  const { traffic } = service;
  return [
    h(
      'dl',
      { class: 'figures', key: 'figures' },
      figure('Calls/s', rate(traffic.perSecond)),
      figure('Success', successCell(traffic), traffic.successRatio !== undefined && ' %'),
      figure('p50', milliseconds(traffic.p50Milliseconds), ' ms'),
      figure('p95', milliseconds(traffic.p95Milliseconds), ' ms'),
      figure('p99', milliseconds(traffic.p99Milliseconds), ' ms'),
      figure('Under way', count(service.inFlight), service.limit !== undefined && ` of ${count(service.limit)}`),
      service.waiting > 0 && figure('Waiting', count(service.waiting)),
      figure('Since the start', count(traffic.calls), ` calls, ${count(traffic.failures)} failed, ${count(traffic.retries)} retried`),
    ),
    traffic.history.length > 0 &&
      h('div', { class: 'charts', key: 'charts' }, callColumns(traffic.history), latencyColumns(traffic.history)),
  ];
}

// The answer's lines after the first are the names that there are.
function missing(said) {
  const names = said.trim().split('\n').slice(1);
  return [
    empty('This process has called no service of that name. ', names.length > 0 ? 'It knows these:' : 'Call it, and it is here.'),
    h(
      'ul',
      { key: 'names' },
      names.map(name => h('li', { key: name }, serviceLink(name))),
    ),
  ];
}

function figure(name, value, unit) {
  return h('div', { key: name }, h('dt', null, name), h('dd', null, h('span', { class: 'number' }, value), unit && h('small', null, unit)));
}

function origin(service) {
  return [
    stateBar(service.endpointStates),
    service.source && ` · from ${service.source}`,
    service.ageSeconds !== undefined && ` · latest state ${duration(service.ageSeconds)} ago`,
    ` · ${plural(service.updates, 'update')}`,
  ];
}

function picks({ balancing }) {
  const entries = Object.entries(balancing.picks)
    .filter(([, value]) => value > 0)
    .sort(([, a], [, b]) => b - a);
  const total = entries.reduce((sum, [, value]) => sum + value, 0);
  const retries = Object.entries(balancing.retries).filter(([, value]) => value > 0);
  return [
    h(
      'p',
      { key: 'policy' },
      'Policy ',
      h('b', null, balancing.policy),
      balancing.hashOn.length > 0 && [' by ', balancing.hashOn.join(', then ')],
      balancing.hashOn.length > 0 && balancing.endpointKey && ['; endpoints hash by ', balancing.endpointKey],
      '.',
    ),
    total === 0
      ? empty('No pick since this page was first opened. Each call makes one, with its reason.')
      : table({
          name: 'picks',
          caption: 'Picks by reason since the status was first looked at',
          rows: entries,
          rowKey: ([reason]) => reason,
          columns: [
            {
              title: 'Reason',
              head: true,
              cell: ([reason]) => [words(reason), reasons[reason] && h('div', { class: 'muted' }, reasons[reason])],
            },
            { title: 'Picks', end: true, cell: ([, value]) => count(value) },
            { title: 'Share %', end: true, cell: ([, value]) => percent(value / total) },
            { title: 'Of all', class: 'wide', cell: ([, value]) => bar(value, total, null) },
          ],
        }),
    retries.length > 0 && h('p', { key: 'retries' }, 'Retries since the start: ', tally(Object.fromEntries(retries)), '.'),
  ];
}

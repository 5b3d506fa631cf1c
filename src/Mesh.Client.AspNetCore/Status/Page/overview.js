// All services, and what the process itself has to say.

class Overview {
  #again;
  #snapshot = null;
  #sort = null;
  #settings = '';

  constructor(again) {
    this.#again = again;
  }

  title = 'Services';

  take(snapshot) {
    this.#snapshot = snapshot;
  }

  draw() {
    const snapshot = this.#snapshot;
    if (!snapshot) return waiting(this.unread);
    return [
      h('h1', { key: 'h1', tabindex: -1 }, snapshot.process.application),
      h('p', { class: 'lead', key: 'lead' }, summary(snapshot)),
      attention(snapshot),
      h(
        'nav',
        { class: 'sections', key: 'nav', 'aria-label': 'On this page' },
        h(
          'ul',
          null,
          [
            ['services', 'Services'],
            ['failures', 'Failures'],
            ['identity', 'Identity'],
            ['planes', 'Control planes'],
            ['inbound', 'Inbound'],
            ...(snapshot.served ? [['clients', 'Clients'], ['served', 'Served']] : []),
            ...(snapshot.served?.authority ? [['authority', 'Authority']] : []),
            ...(snapshot.served?.injector ? [['injector', 'Injector']] : []),
            ['configuration', 'Configuration'],
          ].map(([id, name]) => h('li', { key: id }, h('a', { href: `#${id}`, onclick: jump }, name))),
        ),
      ),
      section('services', 'Services', this.#services(snapshot), snapshot.servicesOmitted > 0 && omitted(snapshot)),
      section('failures', 'Recent failures', failures(snapshot.failures, snapshot.at, true)),
      section('identity', 'Identity', identity(snapshot.identity, snapshot.at)),
      section('planes', 'Control planes', controlPlanes(snapshot.controlPlanes)),
      section('inbound', 'Inbound peers', inbound(snapshot.inbound)),
      ...served(snapshot.served, snapshot.at),
      section(
        'configuration',
        'Configuration in force',
        configuration(snapshot.configuration, this.#settings, text => {
          this.#settings = text;
          this.#again();
        }),
      ),
    ];
  }

  #services({ services }) {
    if (services.length === 0) {
      return empty(
        'No service called yet. Call one through a client with ',
        h('code', null, 'UseMesh()'),
        ', as in ',
        h('code', null, 'http://catalog'),
        ', and it is here.',
      );
    }

    const columns = [
      { title: 'Service', head: true, cell: service => [serviceLink(service.name), brought(service), trouble(service)], value: service => service.name },
      { title: 'Calls/s', end: true, cell: service => rate(shown(service).perSecond), value: service => shown(service).perSecond },
      { title: 'Success %', end: true, cell: service => successCell(shown(service)), value: service => shown(service).successRatio },
      latency('p50 ms', service => shown(service).p50Milliseconds),
      latency('p95 ms', service => shown(service).p95Milliseconds),
      latency('p99 ms', service => shown(service).p99Milliseconds),
      { title: 'Under way', end: true, cell: service => count(service.inFlight), value: service => service.inFlight },
      { title: 'Last minutes', cell: service => sparkline(shown(service).history, service.name), class: 'wide' },
      { title: 'Endpoints', cell: service => stateBar(service.endpointStates), class: 'wide' },
    ];
    return table({
      name: 'services',
      caption: 'Services that this process calls; rates and latencies are of the last minute',
      columns,
      rows: sorted(services, columns, this.#sort),
      rowKey: service => service.name,
      sort: this.#sort,
      onsort: column => {
        this.#sort = sortBy(this.#sort, column);
        this.#again();
      },
    });
  }
}

/** Its own calls; those that other services' routes brought, where it has none itself. */
function shown(service) {
  return service.traffic.perSecond === 0 && service.broughtTraffic ? service.broughtTraffic : service.traffic;
}

function brought(service) {
  return shown(service) !== service.traffic && h('div', { class: 'muted' }, 'by routes of other services');
}

function omitted({ servicesOmitted }) {
  return h('p', { class: 'muted', key: 'omitted' }, `${plural(servicesOmitted, 'further service')}: each has its page by its name.`);
}

function latency(title, value) {
  return { title, end: true, value, cell: service => milliseconds(value(service)) };
}

function successCell(traffic) {
  const ratio = traffic.successRatio;
  return ratio !== null && ratio !== undefined && ratio < 0.99 ? [mark(ratio < 0.9 ? 'bad' : 'warn'), success(ratio)] : success(ratio);
}

/** What is wrong with a service, if anything is. */
function trouble(service) {
  const said = [
    service.discovery !== 'known' && `discovery: ${words(service.discovery)}`,
    service.problem,
    service.inPanic && 'so few endpoints are left that ejections are ignored',
    ...(service.problems ?? []),
  ].filter(Boolean);
  return said.length > 0 && h('div', { class: 'why' }, mark('warn'), said.join('; '));
}

function summary({ process, services, at }) {
  const calls = services.reduce((sum, service) => sum + service.traffic.perSecond, 0);
  const rated = services.filter(service => service.traffic.successRatio !== undefined && service.traffic.successRatio !== null);
  const weight = rated.reduce((sum, service) => sum + service.traffic.perSecond, 0);
  const ratio =
    weight === 0 ? null : rated.reduce((sum, service) => sum + service.traffic.successRatio * service.traffic.perSecond, 0) / weight;
  return [
    `${plural(services.length, 'service')}, ${rate(calls)} calls a second`,
    ratio !== null && `, ${success(ratio)} % of them succeed`,
    `. Running for ${duration(secondsBetween(process.startedAt, at))} on ${process.machine}.`,
  ];
}

// What a control plane serves: who is connected, and what it knows of services.

function served(own, at) {
  if (!own) return [];
  return [
    section('clients', 'Clients of this control plane', clients(own, at)),
    section('served', 'Services served', servedServices(own, at)),
    own.authority && section('authority', 'Authority', authority(own.authority, own.certificates, at)),
    own.injector && section('injector', 'Injector', injector(own.injector)),
  ];
}

function clients(own, at) {
  return [
    own.refused > 0 &&
      h(
        'p',
        { class: 'problem', key: 'refused' },
        mark('warn'),
        `${plural(own.refused, 'request')} refused since the start, beyond the limits of this control plane.`,
      ),
    own.clients.length === 0
      ? empty('No client is connected.')
      : table({
          name: 'clients',
          caption: 'Who has streams open at this replica, those of the most streams first',
          rows: own.clients,
          rowKey: client => [client.identity, client.address, client.namespace, client.pod, client.node].join(' '),
          columns: [
            { title: 'Client', head: true, cell: client => h('code', null, client.identity ?? client.address) },
            { title: 'Pod', cell: client => ([client.namespace, client.pod].filter(Boolean).join('/') || none) },
            { title: 'Node', cell: client => client.node ?? none },
            { title: 'Connected', end: true, cell: client => duration(secondsBetween(client.since, at)) },
            { title: 'Streams', cell: client => tally(client.streams) },
            { title: 'Services', cell: clientServices, class: 'wide' },
          ],
        }),
    own.clientsOmitted > 0 && h('p', { class: 'muted', key: 'omitted' }, `${plural(own.clientsOmitted, 'further client')} not told here.`),
  ];
}

function clientServices({ services, servicesOmitted }) {
  if (services.length === 0) return none;
  return [services.join(', '), servicesOmitted > 0 && ` and ${count(servicesOmitted)} more`];
}

function servedServices(own, at) {
  return [
    own.services.length === 0
      ? empty('No service is known yet.')
      : table({
          name: 'served',
          caption: 'Services that are known here or asked for',
          rows: own.services,
          rowKey: service => service.name,
          columns: [
            { title: 'Service', head: true, cell: service => h('code', null, fullName(service.name)) },
            { title: 'Endpoints', end: true, cell: servedReady },
            { title: 'Identity', cell: servedIdentity },
            { title: 'Balancing', cell: service => service.balancing ?? none },
            { title: 'Routes', cell: service => (service.routes.length > 0 ? listed(service.routes, service.routesOmitted) : none) },
            { title: 'Clients', end: true, cell: service => count(service.clients) },
            { title: 'Source', cell: service => service.source ?? none },
            { title: 'Age', end: true, cell: service => (service.since ? duration(secondsBetween(service.since, at)) : none) },
          ],
        }),
    own.servicesOmitted > 0 && h('p', { class: 'muted', key: 'omitted' }, `${plural(own.servicesOmitted, 'further service')} not told here.`),
    own.services
      .filter(service => service.problem)
      .map(service => h('p', { class: 'problem', key: `problem ${service.name}` }, mark('warn'), `${service.name}: ${service.problem}`)),
    servedEndpoints(own.services.filter(service => service.addresses.length > 0)),
  ];
}

/** Of all that the source knows of, those that are ready; where it tells of ready ones only, their number. */
function servedReady({ endpoints, endpointsReady, endpointsAll, discovery }) {
  if (endpointsAll !== undefined) return `${count(endpointsReady)}/${count(endpointsAll)}`;
  if (endpoints !== undefined) return count(endpoints);
  return discovery ? words(discovery) : none;
}

function servedIdentity({ identities, identitiesOmitted }) {
  if (identities.length === 0) return none;
  const others = identities.length - 1 + identitiesOmitted;
  return [h('code', null, breakable(identities[0])), others > 0 && ` and ${count(others)} more`];
}

function listed(names, omitted) {
  return names.join(', ') + (omitted > 0 ? ` and ${count(omitted)} more` : '');
}

function servedEndpoints(services) {
  if (services.length === 0) return null;
  return h(
    'div',
    { key: 'endpoints', class: 'group' },
    table({
      name: 'served-endpoints',
      caption: 'Where those services are, as clients are told',
      rows: services,
      rowKey: service => service.name,
      columns: [
        { title: 'Service', head: true, cell: service => h('code', null, fullName(service.name)) },
        { title: 'Endpoints', cell: servedAddresses, class: 'wide' },
      ],
    }),
  );
}

function servedAddresses({ addresses, endpointsOmitted }) {
  return [
    addresses.map((one, i) => [
      i > 0 && ', ',
      h('code', null, one.address),
      one.zone && ` ${one.zone}`,
      one.identity && [' as ', h('code', null, breakable(one.identity))],
    ]),
    endpointsOmitted > 0 && ` and ${count(endpointsOmitted)} more`,
  ];
}

function authority(own, certificates, at) {
  const rows = [
    ...(own.issuer && own.validUntil ? [{ ...own, key: 'issuer', role: 'issuer', subject: own.issuer }] : []),
    ...own.anchors.map(anchor => ({ ...anchor, key: anchor.fingerprint, role: 'anchor' })),
  ];
  return [
    h(
      'dl',
      { class: 'facts', key: 'facts' },
      fact('Signs', own.signs ? 'yes' : [mark('bad'), 'no']),
      own.source && fact('Source', own.source),
      certificates && fact('Certificates issued', count(certificates.issued)),
      certificates && fact('Refused', count(certificates.refused)),
      certificates?.latest && fact('Latest', time.format(new Date(certificates.latest))),
    ),
    own.problem && h('p', { class: 'problem', key: 'problem' }, mark('warn'), own.problem),
    rows.length > 0 && certificateTable('The issuer and what workloads are to trust, and the time they have left', rows, at),
  ];
}

function injector(own) {
  return h(
    'dl',
    { class: 'facts', key: 'facts' },
    fact('Pods injected', count(own.injected)),
    fact('Had it already', count(own.unchanged)),
    fact('Do not want it', count(own.disabled)),
    fact('Left as they were', count(own.skipped)),
    fact('Requests refused', own.refused > 0 ? [mark('warn'), count(own.refused)] : '0'),
  );
}

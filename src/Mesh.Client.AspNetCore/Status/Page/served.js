// What a control plane serves: who is connected, and what it knows of services.

function served(own, at) {
  if (!own) return [];
  return [section('clients', 'Clients of this control plane', clients(own, at)), section('served', 'Services served', servedServices(own))];
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
          caption: 'Who has streams open, those of the most streams first',
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

function servedServices(own) {
  return [
    own.certificates &&
      h(
        'dl',
        { class: 'facts', key: 'facts' },
        fact('Certificates issued', count(own.certificates.issued)),
        fact('Refused', count(own.certificates.refused)),
        own.certificates.latest && fact('Latest', time.format(new Date(own.certificates.latest))),
      ),
    own.services.length === 0
      ? empty('No service is known yet.')
      : table({
          name: 'served',
          caption: 'Services that are known here or asked for',
          rows: own.services,
          rowKey: service => service.name,
          columns: [
            { title: 'Service', head: true, cell: service => h('code', null, service.name) },
            { title: 'Endpoints', end: true, cell: service => (service.endpoints === undefined ? none : count(service.endpoints)) },
            { title: 'Clients', end: true, cell: service => count(service.clients) },
            { title: 'Source', cell: service => service.source ?? none },
          ],
        }),
    own.servicesOmitted > 0 && h('p', { class: 'muted', key: 'omitted' }, `${plural(own.servicesOmitted, 'further service')} not told here.`),
  ];
}

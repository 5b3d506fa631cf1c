// What a person on call would want to know first.

function attention(snapshot) {
  const points = [];
  for (const service of snapshot.services) {
    const shut = stateOrder.slice(1).filter(state => service.endpointStates[state] > 0);
    const said = [
      service.traffic.successRatio < 0.99 && `${success(service.traffic.successRatio)} % of calls succeed`,
      shut.length > 0 && `endpoints: ${shut.map(state => `${count(service.endpointStates[state])} ${words(state)}`).join(', ')}`,
      (service.discovery !== 'known' || service.problem) && (service.problem ?? `discovery says ${words(service.discovery)}`),
      service.waiting > 0 && `${plural(service.waiting, 'call')} wait for their turn`,
    ].filter(Boolean);
    if (said.length > 0) points.push([service.name, serviceLink(service.name), `: ${said.join('; ')}`]);
  }

  for (const plane of snapshot.controlPlanes) {
    if (plane.state === 'lost')
      points.push([
        plane.name,
        `Control plane ${plane.name} is lost${plane.problem ? `: ${plane.problem}` : ''}. What it said last is in force.`,
      ]);
  }

  if (snapshot.identity.problem) points.push(['identity', `Identity: ${snapshot.identity.problem}`]);
  for (const certificate of certificates(snapshot.identity)) {
    if (isLow(certificate, snapshot.at)) {
      const name = certificate.role === 'own' ? 'own certificate' : `anchor ${certificate.subject}`;
      points.push([certificate.key, `The ${name} has ${duration(secondsBetween(snapshot.at, certificate.validUntil))} left`]);
    }
  }

  if (snapshot.configuration.problem) points.push(['configuration', 'The latest change of the configuration was refused']);
  if (points.length === 0) return h('p', { class: 'calm', key: 'calm' }, mark('good'), 'Nothing needs attention.');
  return h(
    'section',
    { id: 'attention', class: 'attention', key: 'attention', 'aria-labelledby': 'attention-title' },
    h('h2', { id: 'attention-title' }, 'Needs attention'),
    h(
      'ul',
      null,
      points.map(([key, ...said]) => h('li', { key }, mark('warn'), h('span', null, said))),
    ),
  );
}

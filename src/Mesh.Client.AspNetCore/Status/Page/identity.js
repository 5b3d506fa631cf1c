// Who this process is, and how long its certificates last.

function identity(own, at) {
  if (own.source === 'None') {
    return empty(
      'This process has no identity, and speaks plaintext to endpoints that want none. Set ',
      h('code', null, 'Mesh:Identity:Source'),
      ' to give it one.',
    );
  }

  return [
    h(
      'dl',
      { class: 'facts', key: 'facts' },
      fact('Name', own.name ? h('code', null, own.name) : 'none yet'),
      fact('Source', own.source),
      fact('Mode', own.mode),
      Object.keys(own.handshakes).length > 0 && fact('Handshakes', tally(own.handshakes)),
    ),
    own.problem && h('p', { class: 'problem', key: 'problem' }, mark('warn'), own.problem),
    certificateTable('Certificates and the time they have left', certificates(own), at),
  ];
}

function certificateTable(caption, rows, at) {
  return table({
    name: 'certificates',
    caption,
    rows,
    rowKey: row => row.key,
    columns: [
      { title: 'Certificate', head: true, cell: row => [row.role, ' ', h('code', null, row.subject)] },
      { title: 'Time left', cell: row => timeLeft(row, at), class: 'wide' },
      { title: 'Valid until', cell: row => day.format(new Date(row.validUntil)), class: 'nobreak' },
      { title: 'Fingerprint', cell: row => (row.fingerprint ? h('code', null, row.fingerprint) : none) },
    ],
  });
}

function certificates(own) {
  const anchors = own.anchors.map(anchor => ({ ...anchor, key: anchor.fingerprint, role: 'anchor' }));
  if (!own.validUntil) return anchors;
  return [{ key: 'own', role: 'own', subject: own.name ?? '', validFrom: own.validFrom, validUntil: own.validUntil }, ...anchors];
}

/** What is left of a certificate: the bar where its beginning is known, and words. */
function timeLeft(certificate, at) {
  const left = secondsBetween(at, certificate.validUntil);
  if (left <= 0) return h('span', { class: 'problem' }, mark('bad'), `ended ${duration(-left)} ago`);
  const whole = certificate.validFrom ? secondsBetween(certificate.validFrom, certificate.validUntil) : null;
  const low = isLow(certificate, at);
  return [
    whole !== null && bar(left, whole, whole / 3, low ? 'low' : ''),
    h(
      'span',
      { class: 'words' },
      low && mark('warn'),
      `${duration(left)}${whole !== null ? ` of ${duration(whole)}` : ''}`,
      low && (whole !== null ? ', under a third' : ', ends soon'),
    ),
  ];
}

function isLow(certificate, at) {
  const left = secondsBetween(at, certificate.validUntil);
  return certificate.validFrom ? left < secondsBetween(certificate.validFrom, certificate.validUntil) / 3 : left < 7 * 86400;
}

'use strict';
const data = JSON.parse(document.getElementById('data').textContent);
const byId = (id) => document.getElementById(id);
const { columns, rna, partner, rows, value } = data;
const ROW = 30;
// Each pair is a job of its own for programs that predict structures.
const JOBS = 2000;
const known = data.sequences.rna !== null && data.sequences.partner !== null;
const chosen = new Set();
let shown = rows.map((_, at) => at);
let sorted = null;

// ---- what stands in a cell
const digits = (x) => (x === 0 ? '0' : Math.abs(x) < 1e-4 || Math.abs(x) >= 1e6 ? x.toExponential(2) : String(+x.toPrecision(4)));
const raw = (row, column) => (column === 0 ? rna[row[0]] : column === 1 ? partner[row[1]] : row[column]);
const text = (row, column) => {
  const found = raw(row, column);
  if (found === null) return '';
  return columns[column].number ? digits(found) : String(found);
};

// ---- trust, in words: what the value of a row says, and no more
function words(x) {
  if (data.kind === 'pvalue') {
    return x >= 4 ? 'far beyond chance' : x >= 3 ? 'beyond chance' : x >= 2 ? 'unlikely by chance' : 'as by chance';
  }
  if (data.kind === 'probability') {
    return x >= 0.9 ? 'likely' : x >= 0.6 ? 'rather yes' : x > 0.4 ? 'undecided' : x > 0.1 ? 'rather no' : 'unlikely';
  }
  return '';
}
const spoken = data.kind !== 'affinity';
// How well training knows a pair, where the model says so.
const flagAt = columns.findIndex((column) => column.name === 'trust');
const flags = flagAt < 0 ? [] : [...new Set(rows.map((row) => row[flagAt]))].filter((flag) => flag !== 'NA').sort();
const kindOf = (flag) => (flag.startsWith('seen') || flag === 'known-both' ? 'known' : flag.startsWith('new') || /^(near|known)-(rna|partner)$/.test(flag) ? 'new' : 'near');

// ---- the table: only the rows that are seen are in the page
const scroll = byId('scroll');
const body = byId('table').tBodies[0];
const head = byId('table').tHead.rows[0];
function heads() {
  head.replaceChildren();
  const all = columns.map((column, at) => ({ name: column.name, number: column.number, at }));
  if (spoken) all.splice(value + 1, 0, { name: 'in words', at: -1 });
  for (const column of all) {
    const cell = document.createElement('th');
    cell.scope = 'col';
    cell.className = column.number ? 'number' : '';
    if (column.at < 0) cell.textContent = column.name;
    else {
      const button = document.createElement('button');
      button.type = 'button';
      const way = sorted && sorted.at === column.at ? (sorted.down ? ' ▼' : ' ▲') : '';
      button.textContent = column.name + way;
      button.onclick = () => sort(column.at);
      cell.ariaSort = way ? (sorted.down ? 'descending' : 'ascending') : 'none';
      cell.append(button);
    }
    head.append(cell);
  }
}
function draw() {
  const first = Math.max(0, Math.floor(scroll.scrollTop / ROW) - 5);
  const last = Math.min(shown.length, first + Math.ceil(scroll.clientHeight / ROW) + 12);
  const width = columns.length + (spoken ? 1 : 0);
  const pad = (count) => {
    const row = document.createElement('tr');
    row.className = 'pad';
    const cell = row.insertCell();
    cell.colSpan = width;
    cell.style.height = `${count * ROW}px`;
    return row;
  };
  const seen = [];
  if (first > 0) seen.push(pad(first));
  for (let at = first; at < last; at += 1) {
    const number = shown[at];
    const row = document.createElement('tr');
    row.className = chosen.has(number) ? 'chosen' : '';
    row.onclick = () => { if (!chosen.delete(number)) chosen.add(number); refresh(); };
    columns.forEach((column, c) => {
      const cell = row.insertCell();
      cell.textContent = text(rows[number], c);
      cell.title = cell.textContent;
      cell.className = column.number ? 'number' : column.name === 'structure' ? 'drawn' : c === flagAt && flags.length ? `flag ${kindOf(rows[number][c])}` : '';
      if (spoken && c === value) row.insertCell().textContent = words(rows[number][value]);
    });
    seen.push(row);
  }
  if (last < shown.length) seen.push(pad(shown.length - last));
  body.replaceChildren(...seen);
}
function sort(at) {
  sorted = sorted && sorted.at === at ? { at, down: !sorted.down } : { at, down: Boolean(columns[at].number) };
  order();
  heads();
  draw();
}
function order() {
  if (!sorted) return;
  const { at, down } = sorted;
  const sign = down ? -1 : 1;
  shown.sort((a, b) => {
    const x = raw(rows[a], at), y = raw(rows[b], at);
    if (x === y) return a - b;
    if (x === null) return 1;
    if (y === null) return -1;
    return (x < y ? -1 : 1) * sign;
  });
}
function filter() {
  const find = byId('find').value.toLowerCase();
  const flag = byId('flag').value;
  const least = byId('least').value === '' ? -Infinity : Number(byId('least').value);
  shown = [];
  rows.forEach((row, at) => {
    if (row[value] >= least && (flag === '' || row[flagAt] === flag) && (rna[row[0]].toLowerCase().includes(find) || partner[row[1]].toLowerCase().includes(find))) shown.push(at);
  });
  order();
  scroll.scrollTop = 0;
  refresh();
}
function refresh() {
  byId('count').textContent = `${shown.length} of ${rows.length} pairs, ${chosen.size} selected`;
  byId('what').textContent = chosen.size ? `${chosen.size} selected` : `all ${shown.length} shown`;
  byId('clear').disabled = chosen.size === 0;
  const pairs = chosen.size || shown.length;
  for (const button of document.querySelectorAll('[data-as]')) {
    const jobs = !['pairs', 'fasta'].includes(button.dataset.as);
    button.disabled = (button.dataset.as !== 'pairs' && !known) || (jobs && pairs > JOBS);
    button.title = jobs && pairs > JOBS ? `select at most ${JOBS} pairs: each is a job` : '';
  }
  draw();
  paint();
}

// ---- the heat map
const canvas = byId('map');
const places = new Map(rows.map((row, at) => [row[0] * partner.length + row[1], at]));
const low = rows.reduce((least, row) => Math.min(least, row[value]), data.kind === 'affinity' ? Infinity : 0);
const high = rows.reduce((most, row) => Math.max(most, row[value]), data.kind === 'probability' ? 1 : -Infinity);
// Average linkage by chains of nearest neighbours; leaves in the order of the tree.
function clustered(count, profile) {
  if (count < 3 || count > 1500) return Array.from({ length: count }, (_, at) => at);
  const vectors = Array.from({ length: count }, (_, at) => profile(at));
  const far = Array.from({ length: count }, () => new Float64Array(count));
  for (let a = 0; a < count; a += 1) {
    for (let b = a + 1; b < count; b += 1) {
      let sum = 0;
      for (let k = 0; k < vectors[a].length; k += 1) sum += (vectors[a][k] - vectors[b][k]) ** 2;
      far[a][b] = far[b][a] = Math.sqrt(sum);
    }
  }
  const leaves = vectors.map((_, at) => [at]);
  const alive = new Set(leaves.keys());
  let chain = [];
  while (alive.size > 1) {
    if (!chain.length) chain = [alive.values().next().value];
    const top = chain[chain.length - 1];
    let near = -1;
    for (const other of alive) if (other !== top && (near < 0 || far[top][other] < far[top][near])) near = other;
    const before = chain[chain.length - 2];
    if (before !== undefined && far[top][before] <= far[top][near]) {
      chain.length -= 2;
      const [a, b] = before < top ? [before, top] : [top, before];
      const [m, n] = [leaves[a].length, leaves[b].length];
      for (const other of alive) if (other !== a && other !== b) far[a][other] = far[other][a] = (m * far[a][other] + n * far[b][other]) / (m + n);
      leaves[a] = leaves[a].concat(leaves[b]);
      alive.delete(b);
    } else chain.push(near);
  }
  return leaves[alive.values().next().value];
}
const valueAt = (r, p) => { const at = places.get(r * partner.length + p); return at === undefined ? low : rows[at][value]; };
const rowsOrder = clustered(rna.length, (r) => partner.map((_, p) => valueAt(r, p)));
const columnsOrder = clustered(partner.length, (p) => rna.map((_, r) => valueAt(r, p)));
const rank = (all) => { const found = []; all.forEach((item, at) => { found[item] = at; }); return found; };
const [rowRank, columnRank] = [rank(rowsOrder), rank(columnsOrder)];
const size = Math.max(2, Math.min(28, Math.floor(1100 / Math.max(partner.length, 1)), Math.floor(600 / Math.max(Math.min(rna.length, 60), 1))));
const named = size >= 12;
const margin = named ? { x: 130, y: 110 } : { x: 0, y: 0 };
const scale = window.devicePixelRatio || 1;
function colour(x) {
  const t = high > low ? (x - low) / (high - low) : 1;
  const mix = (a, b) => Math.round(a + (b - a) * Math.min(1, Math.max(0, t)));
  return `rgb(${mix(239, 8)},${mix(243, 69)},${mix(247, 120)})`;
}
let base = null;
function paint() {
  const [width, height] = [margin.x + size * partner.length, margin.y + size * rna.length];
  if (width * height * scale * scale > 1e8) { byId('heat').hidden = true; return; }
  canvas.width = width * scale; canvas.height = height * scale;
  canvas.style.width = `${width}px`; canvas.style.height = `${height}px`;
  if (!base) base = background(width, height);
  const pen = canvas.getContext('2d');
  pen.drawImage(base, 0, 0);
  pen.scale(scale, scale);
  pen.fillStyle = '#d9480f';
  for (const at of chosen) {
    const [x, y] = [margin.x + columnRank[rows[at][1]] * size, margin.y + rowRank[rows[at][0]] * size];
    const dot = Math.max(2, size / 3);
    pen.fillRect(x + (size - dot) / 2, y + (size - dot) / 2, dot, dot);
  }
}
// What no selection changes, drawn once.
function background(width, height) {
  const sheet = document.createElement('canvas');
  sheet.width = width * scale; sheet.height = height * scale;
  const pen = sheet.getContext('2d');
  pen.scale(scale, scale);
  const style = getComputedStyle(document.documentElement);
  pen.fillStyle = style.getPropertyValue('--none');
  pen.fillRect(margin.x, margin.y, width - margin.x, height - margin.y);
  const gap = size > 5 ? 1 : 0;
  for (const row of rows) {
    pen.fillStyle = colour(row[value]);
    pen.fillRect(margin.x + columnRank[row[1]] * size, margin.y + rowRank[row[0]] * size, size - gap, size - gap);
  }
  if (!named) return sheet;
  pen.fillStyle = style.getPropertyValue('--ink');
  pen.font = '11px system-ui, sans-serif';
  pen.textBaseline = 'middle';
  const cut = (id) => (id.length > 18 ? `${id.slice(0, 17)}…` : id);
  rowsOrder.forEach((r, at) => { pen.textAlign = 'right'; pen.fillText(cut(rna[r]), margin.x - 6, margin.y + (at + 0.5) * size); });
  columnsOrder.forEach((p, at) => {
    pen.save();
    pen.translate(margin.x + (at + 0.5) * size, margin.y - 6);
    pen.rotate(-Math.PI / 2);
    pen.textAlign = 'left';
    pen.fillText(cut(partner[p]), 0, 0);
    pen.restore();
  });
  return sheet;
}
function cellOf(event) {
  const box = canvas.getBoundingClientRect();
  const [x, y] = [Math.floor((event.clientX - box.left - margin.x) / size), Math.floor((event.clientY - box.top - margin.y) / size)];
  if (x < 0 || y < 0 || x >= partner.length || y >= rna.length) return null;
  return { x, y, at: places.get(rowsOrder[y] * partner.length + columnsOrder[x]) };
}
let from = null;
canvas.onpointermove = (event) => {
  const cell = cellOf(event);
  const say = (row) => `${rna[row[0]]} × ${partner[row[1]]}: ${columns[value].name} ${digits(row[value])}${spoken ? `, ${words(row[value])}` : ''}${flags.length ? ` (${row[flagAt]})` : ''}`;
  byId('cell').textContent = !cell ? '\u00a0' : cell.at === undefined ? `${rna[rowsOrder[cell.y]]} × ${partner[columnsOrder[cell.x]]}: not in the table` : say(rows[cell.at]);
};
canvas.onpointerdown = (event) => { from = cellOf(event); };
canvas.onpointerup = (event) => {
  const to = cellOf(event);
  if (!from || !to) return;
  for (let y = Math.min(from.y, to.y); y <= Math.max(from.y, to.y); y += 1) {
    for (let x = Math.min(from.x, to.x); x <= Math.max(from.x, to.x); x += 1) {
      const at = places.get(rowsOrder[y] * partner.length + columnsOrder[x]);
      if (at !== undefined) chosen.add(at);
    }
  }
  const line = shown.indexOf(to.at);
  if (line >= 0) scroll.scrollTop = Math.max(0, line * ROW - 120);
  from = null;
  refresh();
};

// ---- exports
const picked = () => (chosen.size ? [...chosen].sort((a, b) => a - b) : shown).map((at) => rows[at]);
const file = (id) => id.replace(/[^A-Za-z0-9._-]/g, '_');
// Names that differ in what a file name cannot hold get a number.
function names(all) {
  const used = new Map();
  return all.map((row) => {
    const name = `${file(rna[row[0]])}__${file(partner[row[1]])}`;
    const times = used.get(name) ?? 0;
    used.set(name, times + 1);
    return times ? `${name}_${times + 1}` : name;
  });
}
const quoted = (s) => `'${s.replace(/'/g, "''")}'`;
const molecules = (row) => [
  { kind: 'rna', id: 'A', name: rna[row[0]], sequence: data.sequences.rna[row[0]] },
  { kind: data.partner_kind, id: 'B', name: partner[row[1]], sequence: data.sequences.partner[row[1]] },
];
const makers = {
  pairs: (all) => [['pairs.tsv', ['rna_id\tpartner_id', ...all.map((row) => `${rna[row[0]]}\t${partner[row[1]]}`)].join('\n') + '\n']],
  fasta: (all) => {
    const small = data.partner_kind === 'small-molecule';
    const distinct = (side) => [...new Set(all.map((row) => row[side]))];
    const fasta = (at, ids, of) => at.map((n) => `>${ids[n]}\n${of[n]}\n`).join('');
    const partners = distinct(1);
    return [
      ['rna.fa', fasta(distinct(0), rna, data.sequences.rna)],
      small
        ? ['molecules.smi', partners.map((n) => `${data.sequences.partner[n]}\t${partner[n]}\n`).join('')]
        : ['partner.fa', fasta(partners, partner, data.sequences.partner)],
    ];
  },
  boltz: (all) => names(all).map((name, at) => [`${name}.yaml`, 'version: 1\nsequences:\n' + molecules(all[at]).map((m) => (m.kind === 'small-molecule'
    ? `  - ligand:\n      id: ${m.id}\n      smiles: ${quoted(m.sequence)}\n`
    : `  - ${m.kind}:\n      id: ${m.id}\n      sequence: ${m.sequence}\n`)).join('')]),
  alphafold: (all) => names(all).map((name, at) => [`${name}.json`, JSON.stringify({
    name, modelSeeds: [1], dialect: 'alphafold3', version: 1,
    sequences: molecules(all[at]).map((m) => (m.kind === 'small-molecule' ? { ligand: { id: m.id, smiles: m.sequence } } : { [m.kind]: { id: m.id, sequence: m.sequence } })),
  }, null, 2) + '\n']),
  proteinfold: (all) => {
    const each = names(all);
    const fastas = each.map((name, at) => [`fasta/${name}.fasta`, molecules(all[at]).map((m) => `>${m.id}|${m.kind === 'small-molecule' ? 'smiles' : m.kind}|${file(m.name)}\n${m.sequence}\n`).join('')]);
    return [['samplesheet.csv', ['id,fasta', ...each.map((name) => `${name},fasta/${name}.fasta`)].join('\n') + '\n'], ...fastas];
  },
};
// One file as it is, several as one tar.
function tar(files) {
  const coder = new TextEncoder();
  const blocks = [];
  for (const [name, content] of files) {
    const bytes = coder.encode(content);
    const header = new Uint8Array(512);
    const put = (at, words) => header.set(coder.encode(words), at);
    const cut = name.length > 100 ? name.lastIndexOf('/') : -1;
    put(0, name.slice(cut + 1).slice(-99)); put(100, '0000644\0'); put(108, '0000000\0'); put(116, '0000000\0');
    put(124, `${bytes.length.toString(8).padStart(11, '0')}\0`); put(136, '00000000000\0'); put(148, '        ');
    put(156, '0'); put(257, 'ustar\0'); put(263, '00');
    if (cut > 0) put(345, name.slice(0, cut));
    put(148, `${header.reduce((sum, byte) => sum + byte, 0).toString(8).padStart(6, '0')}\0 `);
    blocks.push(header, bytes, new Uint8Array((512 - (bytes.length % 512)) % 512));
  }
  blocks.push(new Uint8Array(1024));
  return new Blob(blocks, { type: 'application/x-tar' });
}
function save(name, blob) {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  URL.revokeObjectURL(link.href);
}
for (const button of document.querySelectorAll('[data-as]')) {
  const as = button.dataset.as;
  button.onclick = () => {
    const files = makers[as](picked());
    if (files.length === 1) save(files[0][0], new Blob([files[0][1]], { type: 'text/plain' }));
    else save(`${as}.tar`, tar(files));
  };
}
byId('lacking').hidden = known;
byId('legend').textContent = `pale for ${digits(low)}, dark for ${digits(high)} (${columns[value].name})`;
byId('clear').onclick = () => { chosen.clear(); refresh(); };
byId('find').oninput = filter;
byId('least').oninput = filter;
byId('flagged').hidden = flags.length === 0;
for (const flag of flags) byId('flag').append(new Option(flag, flag));
byId('flag').onchange = filter;
scroll.onscroll = draw;
scroll.classList.toggle('few', rows.length < 16);
matchMedia('(prefers-color-scheme: dark)').onchange = () => { base = null; paint(); };
heads();
refresh();

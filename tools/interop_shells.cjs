// Attaches to a MicroVM's shell with npm's `ws`: types, resizes, exits, and prints what it saw as JSON.
// The first line of standard input says where: {"module", "url", "host", "token"}.
'use strict';

const PATIENCE_MS = 20000;
const PROMPT = 'λ $ ';

const where = JSON.parse(require('node:fs').readFileSync(0, 'utf8'));
const WebSocket = require(where.module);

const offered = ['lambda-microvms', `lambda-microvms.authentication.${where.token}`, 'lambda-microvms.port.8022'];
const socket = new WebSocket(where.url, offered, { headers: { Host: where.host }, perMessageDeflate: true });
const seen = { subprotocol: '', first: null, binary: 0, text: 0, shown: '', pong: false, code: 0, reason: '' };
const steps = [
  () => socket.send(JSON.stringify({ type: 'resize', cols: 101, rows: 33 })),
  () => socket.send('stty size\n'),
  () => socket.send(Buffer.from('echo from $((40+2)) bytes\n')),
  () => socket.ping(),
  () => socket.send('exit\n'),
];

function next() {
  const step = steps.shift();
  if (step) step();
  // Neither a resize nor a ping is followed by a prompt.
  if (steps.length === 4) next();
}

socket.on('open', () => { seen.subprotocol = socket.protocol; });
socket.on('message', (data, isBinary) => {
  if (!isBinary) {
    seen.text += 1;
    seen.first = seen.first || JSON.parse(data.toString());
    return;
  }
  seen.binary += 1;
  const before = seen.shown.split(PROMPT).length;
  seen.shown += data.toString();
  if (seen.shown.split(PROMPT).length > before) next();
});
socket.on('pong', () => { seen.pong = true; next(); });
socket.on('error', (error) => { console.error(String(error)); process.exit(1); });
socket.on('close', (code, reason) => {
  console.log(JSON.stringify({ ...seen, code, reason: reason.toString() }));
  process.exit(0);
});
setTimeout(() => { console.error(`no end after ${PATIENCE_MS} ms: ${JSON.stringify(seen)}`); process.exit(1); }, PATIENCE_MS);

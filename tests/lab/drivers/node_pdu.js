// node-pdu, by the driver's lines: a job on each, an object of what it makes of it on each of the answer.
'use strict';

const { createRequire } = require('node:module');
const { writeSync } = require('node:fs');
const path = require('node:path');
const readline = require('node:readline');

const { Deliver, Report, Submit, parse } =
  createRequire(path.join(process.env.LAB_NODE, 'package.json'))('node-pdu');

// A time that is none, as it makes of some, is not told.
const when = (seconds) =>
  Number.isFinite(seconds) ? new Date(seconds * 1000).toISOString().slice(2, 19).replace('T', ' ') : null;

function validity(period) {
  if (period.interval !== null) return `${period.interval / 60} min`;
  return period.dateTime === null ? null : when(period.dateTime.getTime() / 1000);
}

// 8-bit data is a text of as many characters.
const octets = (text) =>
  [...text].every((c) => c.codePointAt(0) < 0x100) ? Buffer.from(text, 'latin1').toString('hex') : null;

function read(digits) {
  const pdu = parse(digits);
  const { phone, type } = pdu.address;
  const told = { address: (type.type === 1 && phone !== null && !phone.startsWith('+') ? '+' : '') + (phone ?? '') };
  if (pdu instanceof Report) {
    return {
      ...told,
      type: 'STATUS-REPORT',
      reference: pdu.reference,
      time: when(pdu.dateTime.time),
      discharge: when(pdu.discharge.time),
      status: pdu.status,
    };
  }
  const text = pdu.data.getText();
  const header = pdu.getParts()[0]?.header;
  const isPart = header?.getType() !== undefined;
  const common = {
    ...told,
    part: isPart ? [header.getPointer(), header.getSegments(), header.getCurrent()] : null,
    // Halves of a surrogate pair, which are no characters of a text.
    text: text.replace(/[\uD800-\uDBFF](?![\uDC00-\uDFFF])|(?<![\uD800-\uDBFF])[\uDC00-\uDFFF]/g, '\uFFFD'),
    data: octets(text),
  };
  if (pdu instanceof Deliver) {
    return { ...common, type: 'DELIVER', time: when(pdu.serviceCenterTimeStamp.time) };
  }
  if (pdu instanceof Submit) {
    return { ...common, type: 'SUBMIT', reference: pdu.messageReference, validity: validity(pdu.validityPeriod) };
  }
  throw new Error('node-pdu: nothing known');
}

readline.createInterface({ input: process.stdin }).on('line', (job) => {
  let told;
  try {
    const [kind, ...words] = job.split(' ');
    told =
      kind === 'TO'
        ? { pdus: new Submit(words[0], Buffer.from(words[1], 'hex').toString()).getPartStrings() }
        : Object.fromEntries(Object.entries(read(words[0])).filter(([, value]) => value !== null));
  } catch (error) {
    // What it refuses, it says under its name.
    const words = `${error.name}: ${error.message}`;
    told = error.message.startsWith('node-pdu: ') ? { error: words } : { crash: words };
  }
  writeSync(1, `${JSON.stringify(told)}\n`);
});

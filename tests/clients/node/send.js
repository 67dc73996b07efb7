// Sends what stands in the first argument, JSON, by websmscom, and prints what came of it as JSON.
'use strict';

const websms = require('websmscom');
const { url, user, password, recipients, text, segments, most, test, more } = JSON.parse(process.argv[2]);

const client = new websms.Client(url, user, password);
const message = segments
  ? new websms.BinaryMessage(recipients, segments, false)
  : new websms.TextMessage(recipients, text);
for (const [name, value] of Object.entries(more)) message[`set${name}`](value);
client.send(message, most, test, (error, reply) => {
  const { cause, message: words, apiResponse } = error || {};
  const { statusCode, transferId, clientMessageId } = reply || apiResponse || {};
  console.log(JSON.stringify({ cause, words, statusCode, transferId, clientMessageId }));
});

// Sends texts by serialport-gsm one after the other, and prints what comes.
'use strict';

const gsm = require('serialport-gsm').Modem();
const [device, number, ...texts] = process.argv.slice(2);
const options = {
  baudRate: 115200, dataBits: 8, parity: 'none', stopBits: 1, rtscts: false,
  autoDeleteOnReceive: true, enableConcatenation: true, incomingSMSIndication: true,
  cnmiCommand: 'AT+CNMI=2,1,0,2,1', logger: null,
};

function sendNext() {
  const text = texts.shift();
  if (text === undefined) return;
  gsm.sendSMS(number, text, false, (result) => {
    const response = result && result.data && result.data.response;
    if (response === 'Message Successfully Sent') {
      console.log(`sent: ${response}`);
      sendNext();
    } else if (result.status === 'fail') {
      console.log(`failed: ${JSON.stringify(result)}`);
    }
  });
}

gsm.on('open', () => {
  gsm.initializeModem(() => gsm.setModemMode(() => sendNext(), false, 5000, 'PDU'));
});
gsm.on('onNewMessage', (messages) => {
  for (const one of messages) console.log(`received: ${one.message}`);
});
gsm.open(device, options, () => {});

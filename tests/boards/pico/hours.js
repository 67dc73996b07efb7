// Traffic both ways for hours, with faults of the modem; what becomes of each message is compared with what
// the virtual network has seen.

import assert from "node:assert/strict";
import { interfaces } from "./interfaces.js";

const HANDSET = "4512345678";
const SECOND = 1e9;
const FAULTS = ["silence 30000", "reboot", "power off", "change", "lose 2", "double"];

// A message out and one in each minute; each tenth has a fault in place of the one in. Says what became of
// them, and every six hours what did until then. The board has the account.
export function hours(board, count, chance) {
    const minutes = 60 * count;
    // The texts whose end is not told, and those that have not come in; the rest is counted.
    const open = new Set();
    const coming = new Set();
    const told = { delivered: 0, unknown: 0 };
    let [asked, cameIn, faults, slowest] = [0, 0, 0, 0];
    let [programs, erased] = [0, new Map()];
    board.chip.rom.begins = (works, _, address) => {
        if (works === "erase") erased.set(address, (erased.get(address) ?? 0) + 1);
        else programs += 1;
    };

    const send = (text) => {
        const began = board.nanos;
        const { status, body } = board.ask(...interfaces.websms.request(HANDSET, text, text));
        assert.ok(status === 200 && interfaces.websms.accepted.test(body), `${text}: ${status} ${body}`);
        slowest = Math.max(slowest, board.nanos - began);
        open.add(text);
        asked += 1;
    };
    // Fetches an event, and settles what it is of.
    const fetch = () => {
        const event = board.event();
        if (event?.type === "report") {
            const { client_id: text, state } = event;
            assert.ok(open.delete(text), `${text} has a second end: ${state}`);
            assert.ok(state in told, `${text}: ${state}`);
            told[state] += 1;
            if (state === "delivered") assert.equal(board.arrived(text), 1, text);
        } else if (event) {
            assert.ok(coming.delete(event.text), `"${event.text}" has come, and nobody sent it or it came before`);
            cameIn += 1;
        }
        return event;
    };
    const figures = () => {
        const { restarts } = board.status();
        const most = Math.max(0, ...erased.values());
        const pages = [...erased.values()].reduce((sum, times) => sum + times, 0);
        const memory = Math.round(process.resourceUsage().maxRSS / 1024);
        return [
            `    ${(board.nanos / SECOND / 3600).toFixed(1)} hours: ${asked} messages out: ${told.delivered} delivered, ${told.unknown} unknown, ${open.size} open; ${cameIn} in`,
            `${faults} faults of the modem, which was started ${restarts} times again`,
            `an answer in ${(slowest / 1e6).toFixed(0)} ms at most`,
            `flash written ${programs} times, ${pages} pages erased, none more than ${most} times`,
            `${memory} MB of memory here at most`,
        ].join("; ");
    };

    const began = board.nanos;
    for (let minute = 1; minute <= minutes; minute++) {
        const text = `minute ${minute}`;
        if (minute % 10 === 0) {
            board.exchange(`trouble after ${chance.below(8000)} ms: ${FAULTS[++faults % FAULTS.length]}`);
            send(text);
            board.becomes((status) => status.ready, 300);
            board.pass(40);
            while (board.status().received > 0) fetch();
        } else {
            coming.add(`${text} too`);
            send(text);
            board.text(HANDSET, `${text} too`);
            // What faults have left may come before.
            for (let n = 0; open.has(text) || coming.has(`${text} too`); n++) {
                assert.ok(n < 21 && fetch(), `${text} or its answer is lost`);
            }
            assert.equal(board.arrived(text), 1, text);
        }
        board.pass(Math.max(0, began + minute * 60 * SECOND - board.nanos) / SECOND);
        if (minute % 360 === 1 && minute > 1) console.log(figures());
    }
    while (fetch());
    let arrived = 0;
    for (let minute = 1; minute <= minutes; minute++) {
        const text = `minute ${minute}`;
        arrived += board.arrived(text);
        assert.ok(board.arrived(text) <= 1, `${text} was sent twice`);
        assert.ok(board.arrived(text) === 1 || minute % 10 === 0, `${text} has not arrived`);
    }
    assert.equal(board.arrivals.size, arrived, "something has arrived that nobody sent");
    assert.equal(board.status().on_the_way, open.size);
    assert.ok(told.delivered >= minutes * 0.9, `${told.delivered} delivered`);
    assert.equal(board.chip.restarts, 0);
    return figures();
}

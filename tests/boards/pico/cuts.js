// The power of the board is cut at random moments, with messages in its outbox and on their way; what
// becomes of them is compared with what the virtual network has seen.

import assert from "node:assert/strict";
import { interfaces } from "./interfaces.js";

const HANDSET = "4512345678";
const SECOND = 1e9;

// What was cut.
function moment(board, isAsking) {
    const { works } = board.chip.rom;
    if (works) return works;
    return board.phase ?? (isAsking ? "accept" : "idle");
}

// Cuts the power so many times, and says how many fell on what. The board has the account.
export function cuts(board, count, chance) {
    const fell = { accept: 0, program: 0, erase: 0, prompt: 0, PDU: 0, result: 0, idle: 0 };
    // Of each message that was asked for: whether that was answered, and the ends that were told.
    const messages = new Map();
    let asked = 0;
    const { chip } = board;

    const send = () => {
        const id = `m${++asked}`;
        const message = { isAccepted: false, ends: new Map() };
        messages.set(id, message);
        const answer = board.tryAsk(...interfaces.websms.request(HANDSET, id, id));
        message.isAccepted = answer !== undefined && interfaces.websms.accepted.test(answer.body);
    };
    // Fetches an event, and has it forgotten.
    const fetch = (within) => {
        const told = board.tryAsk("GET", "/events", {}, within);
        if (!told || told.status !== 200) return false;
        const event = JSON.parse(told.body);
        if (event.type === "report") messages.get(event.client_id).ends.set(event.id, event.state);
        board.tryAsk("DELETE", `/events/${event.id}`);
        return true;
    };
    // When the power is cut: at any time, in what is done to the flash next, in a phase of a message, or when
    // nothing has been asked for some seconds. Whether messages are asked for until then.
    const plan = () => {
        const kind = chance.below(20);
        const { rom } = chip;
        rom.begins = undefined;
        board.phaseBegins = undefined;
        if (kind === 0) {
            while (fetch(2));
            chip.cutAt = board.nanos + (10 + 10 * chance.next()) * SECOND;
            return false;
        }
        if (kind < 6) {
            chip.cutAt = board.nanos + chance.next() * SECOND;
        } else if (kind < 14) {
            let left = kind < 13 ? chance.below(12) : 0;
            const wants = kind < 13 ? "program" : "erase";
            const done = chance.next();
            rom.begins = (works, nanos) => {
                if (works === wants && left-- === 0) chip.cutAt = chip.clock.nanos + done * nanos;
            };
        } else {
            const wants = ["prompt", "PDU", "result"][chance.below(3)];
            // The answer to a request is still on its way when the modem gets the first of its messages.
            let left = chance.below(4);
            board.phaseBegins = (phase) => {
                // An octet takes 87 µs; the shortest phase has three.
                if (phase === wants && left-- === 0) chip.cutAt = chip.clock.nanos + chance.next() * 0.2e6;
            };
        }
        return true;
    };

    for (let cut = 0; cut < count; cut++) {
        const isBusy = plan();
        while (board.nanos < chip.cutAt) {
            for (let n = chance.below(2); isBusy && n >= 0 && board.nanos < chip.cutAt; n--) send();
            if (isBusy && chance.below(4) === 0 && board.nanos < chip.cutAt) board.text(HANDSET, `r${asked}`);
            while (board.nanos < chip.cutAt && fetch(2));
            board.pass(chance.next());
        }
        const isAsking = board.log.findLast(({ who }) => who === "host" || who === "board").who === "host";
        fell[isBusy ? moment(board, isAsking) : "idle"] += 1;
        chip.rom.begins = undefined;
        board.phaseBegins = undefined;
        board.cut(chance.next() * 2);
        board.becomes((status) => status.ready, 180);
    }
    while (fetch(35));
    const left = board.status();

    const told = { delivered: 0, unknown: 0, open: 0 };
    for (const [id, { isAccepted, ends }] of messages) {
        const arrived = board.arrived(id);
        assert.ok(arrived <= 1, `${id} was sent ${arrived} times`);
        assert.ok(ends.size <= 1, `${id} has ${ends.size} ends`);
        const [state] = ends.values();
        if (isAccepted) {
            assert.ok(arrived === 1 || state === "unknown", `${id} is lost: ${state}`);
            told[state ?? "open"] += 1;
        }
        assert.ok(state !== "delivered" || arrived === 1, `${id} was not delivered`);
    }
    assert.ok(told.unknown <= count, "more are unknown than there were cuts");
    assert.equal(chip.restarts, 0);
    const pairs = (counts) => Object.entries(counts).map(([name, n]) => `${n} ${name}`).join(", ");
    return `    ${count} cuts: ${pairs(fell)}; of ${messages.size} messages that were asked for were ${pairs(told)}; ${left.on_the_way} on the way`;
}

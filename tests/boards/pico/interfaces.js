// Each vendor's request that sends a text, how it is accepted, and how it is refused for now.

import { basic } from "./http.js";

export const ACCOUNT = { name: "demo", secret: "secret" };

const own = basic(ACCOUNT.name, ACCOUNT.secret);
const form = (pairs) => new URLSearchParams(pairs).toString();

// By the names that events have: method, path and the rest of the request; what an answer has that accepts
// it; what one has that says "later".
export const interfaces = {
    "gatewayapi-v1": {
        accepted: /__VIEWSTATE/,
        later: /^200 Error: .*later/,
        request: (to, text) => [
            "GET",
            `/legacy/http/v1/sendsms?${form({
                username: "demo",
                password: "secret",
                countryCode: to.slice(0, 2),
                number: to.slice(2),
                message: text,
            })}`,
        ],
    },
    "gatewayapi-v2": {
        accepted: /^Processing:/,
        later: /^503 .*later/,
        request: (to, text, id) => [
            "POST",
            "/legacy/http/v2/sendsms",
            {
                form: form({
                    user: "demo",
                    password: "secret",
                    to,
                    sessionid: `${to}:${id}`,
                    smsc: "dk.x",
                    from: "1204",
                    text,
                }),
            },
        ],
    },
    nextpod: {
        accepted: /"id"/,
        later: /^500 /,
        request: (to, text) => [
            "POST",
            "/v2/sms",
            { headers: own, json: { to, from: "1204", msg: text } },
        ],
    },
    websms: {
        accepted: /"statusCode":2000/,
        later: /"statusCode":5003/,
        request: (to, text, id) => [
            "POST",
            "/rest/smsmessaging/text",
            {
                headers: own,
                json: {
                    recipientAddressList: [to],
                    messageContent: text,
                    maxSmsPerMessage: 1,
                    clientMessageId: `${id}`,
                },
            },
        ],
    },
    "skebby-rest": {
        accepted: /"result":"OK"/,
        later: /^503 .*later/,
        request: (to, text) => [
            "POST",
            "/API/v1.0/REST/sms",
            {
                headers: { user_key: "demo", Access_token: "secret" },
                json: { message_type: "GP", message: text, recipient: [`+${to}`] },
            },
        ],
    },
    "bulksms-eapi": {
        accepted: /^0\|/,
        later: /^200 40\|/,
        request: (to, text) => [
            "POST",
            "/eapi/submission/send_sms/2/2.0",
            { form: form({ username: "demo", password: "secret", message: text, msisdn: to }) },
        ],
    },
};

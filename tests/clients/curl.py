"""curl: each interface as its documents call it, and both methods where there are two."""

import base64
import json
import re
import subprocess
import time

from common import (
    ACCOUNT_ID,
    CALLBACKS,
    KEY,
    PASSWORD,
    URL,
    USER,
    Handset,
    callback,
    equal,
    run,
    true,
    until,
)

FORM = "Content-Type: application/x-www-form-urlencoded"
JSON = "Content-Type: application/json"


class Reply:
    """What curl was answered."""

    def __init__(self, status, kind, octets):
        self.status, self.kind, self.octets = int(status), kind, octets

    @property
    def text(self):
        """The body as text."""
        return self.octets.decode("utf-8", "replace")

    @property
    def json(self):
        """The body as JSON, which its content type must say it is."""
        true("a reply in JSON", "json" in self.kind, f"{self.status} {self.kind}: {self.text}")
        return json.loads(self.octets)


def curl(path, *arguments):
    """Calls the gateway."""
    command = [
        "curl",
        "--silent",
        "--show-error",
        "--noproxy",
        "*",
        "--max-time",
        "30",
        "--globoff",
    ]
    command += ["--write-out", "\n%{http_code} %{content_type}", *arguments, URL + path]
    done = subprocess.run(command, capture_output=True, timeout=60, check=False)
    true("an answer to curl", done.returncode == 0, done.stderr.decode())
    octets, _, last = done.stdout.rpartition(b"\n")
    return Reply(*last.decode().split(" ", 1), octets)


def data(octets):
    """Arguments that post this as it is."""
    return "--data-binary", octets


def answers(path, *arguments, status=200, body=None):
    """The reply, which must have this status and, where one is given, exactly this body."""
    reply = curl(path, *arguments)
    equal(f"status of {path} ({reply.text})", reply.status, status)
    if body is not None:
        equal(f"body of {path}", reply.text, body)
    return reply


def gatewayapi_v2():
    """By POST and by GET, a wrong password, and a text from a handset."""
    path = "/legacy/http/v2/sendsms"
    account = f"user={USER}&password={PASSWORD}"
    handset = Handset("4512345678")
    now = str(int(time.time()))
    dsn = f"callbackurl={CALLBACKS}/curl/dsn?own=1"

    id_ = f"{handset.number}:1{now}"
    form = f"{account}&to={handset.number}&smsc=dk.tdc&sessionid={id_}&from=MyCompany&text=MyMessage&{dsn}"
    answers("/sendsms", *data(form), body=f"Processing:{id_}")
    handset.gets("MyMessage")
    equal(
        "fields of a DSN",
        callback("/curl/dsn", sessionid=id_).fields,
        {"sessionid": id_, "statuscode": "1"},
    )

    id_ = f"{handset.number}:2{now}"
    query = f"{account}&to={handset.number}&smsc=dk.unknown&sessionid={id_.replace(':', '%3A')}&from=MyCompany"
    answers(f"{path}?{query}&text=bl%E5b%E6r&{dsn}", body=f"Processing:{id_}")
    handset.gets("blåbær")
    callback("/curl/dsn", sessionid=id_, statuscode="1")

    message = f"to={handset.number}&smsc=dk.unknown&sessionid={handset.number}:3{now}"
    answers(path, *data(f"user={USER}&password=wrong&{message}&text=no"), status=400)
    answers(path, *data(f"{account}&{message}"), status=400)
    # Nobody can be charged through a modem.
    charged = (
        f"{account}&to={handset.number}&smsc=dk.tdc&sessionid={handset.number}:4{now}&price=6.00DKK"
    )
    answers(path, *data(f"{charged}&from=MyCompany&text=MyMessage"), status=400)

    handset.sends("TEST hello æøå")
    mo = callback("/mo/gatewayapi-v2", sender=handset.number, text="hello æøå")
    equal("appnr", mo.fields.get("appnr"), "1204")
    equal("method of a MO", mo.method, "GET")
    return f"2 texts reached {handset.number}, DSN 1 for both, 1 text came back"


def gatewayapi_v1():
    """GET on both paths; what is refused says so in its body."""
    handset = Handset("4587654321")
    account = f"username={USER}&password={PASSWORD}"
    to = "number=87654321&countryCode=45"
    for path, text, sent in (
        ("/Gateway/Kunder/Opret/Gateway.aspx", "Hej+verden+%2b+%25", "Hej verden + %"),
        ("/gateway/kunder/opret/gateway.ASPX", "Hej+%E6%F8%E5", "Hej æøå"),
        ("/legacy/http/v1/sendsms", "v1", "v1"),
    ):
        reply = answers(f"{path}?{account}&{to}&message={text}&alphatext=MyCompany")
        true("a form", "<form" in reply.text and not reply.text.startswith("Error"), reply.text)
        handset.gets(sent)
    path = "/Gateway/Kunder/Opret/Gateway.aspx"
    reply = answers(f"{path}?username={USER}&password=wrong&{to}&message=no")
    true("an error", reply.text.startswith("Error") and "<form" not in reply.text, reply.text)
    answers(path, *data(f"{account}&{to}&message=no"), status=405)
    return f"3 texts reached {handset.number}"


def nextpod():
    """JSON, form, query and multipart, reports in both forms, and a text from a handset."""
    one, two = Handset("4791726200"), Handset("4758484412")
    account = f"account_id={ACCOUNT_ID}&api_key={KEY}"
    both = f"{one.number},{two.number}"

    message = {"from": "Nextpod", "to": both, "msg": "Hello!"}
    head = ("--user", f":{KEY}", "-H", JSON + "; charset=utf-8")
    reply = answers("/v2/sms", *head, *data(json.dumps(message))).json
    equal("recipients", reply.get("recipients"), 2)
    equal("to", [sms["to"] for sms in reply["sms"]], [one.number, two.number])
    one.gets("Hello!")
    two.gets("Hello!")

    reply = answers(
        "/v2/sms",
        "-H",
        FORM + "; charset=utf-8",
        *data(f"{account}&from=Nextpod&to={both}&msg=Hello!"),
    ).json
    equal("recipients", reply.get("recipients"), 2)
    one.gets("Hello!")
    two.gets("Hello!")

    reply = answers(f"/v2/sms?{account}&to={one.number}&from=Nextpod&msg=Hello!", "-X", "POST").json
    true(
        "an id that is a UUID in capitals",
        re.fullmatch("[0-9A-F]{8}(-[0-9A-F]{4}){3}-[0-9A-F]{12}", reply["id"]),
        reply,
    )
    one.gets("Hello!")
    equal("msg_length and msg_parts", (reply["msg_length"], reply["msg_parts"]), ("6", "1"))

    fields = {
        "account_id": ACCOUNT_ID,
        "api_key": KEY,
        "from": "Nextpod",
        "to": one.number,
        "msg": "Hei æøå",
    }
    answers(
        "/v3/sms", *(part for name, value in fields.items() for part in ("-F", f"{name}={value}"))
    )
    one.gets("Hei æøå")

    for method, kind in (
        ("JSON", "application/json"),
        ("FORM", "application/x-www-form-urlencoded"),
    ):
        path = f"/curl/nextpod/{method}"
        message = {"from": "Nextpod", "to": one.number, "msg": method, "reference": "curl 1"}
        message |= {"dlr_url": CALLBACKS + path, "dlr_method": method}
        id_ = answers("/v2/sms", *head, *data(json.dumps(message))).json["id"]
        one.gets(method)
        report = callback(path, id=id_, status_code="200")
        equal("status_text", report.fields.get("status_text"), "DELIVERED")
        equal("reference", report.fields.get("reference"), "curl 1")
        true(
            f"a report as {kind}",
            report.headers.get("content-type", "").startswith(kind),
            report.headers,
        )

    answers("/v2/sms", *data(f"{account}&to={one.number}&msg=no"), status=400)
    answers(
        "/v2/sms",
        *data(f"account_id=1&api_key=wrong&from=Nextpod&to={one.number}&msg=no"),
        status=401,
    )

    one.sends("NEXT hello æøå")
    mo = callback("/mo/nextpod", **{"from": one.number, "msg": "NEXT hello æøå"})
    equal("keyword", mo.fields.get("keyword"), "NEXT")
    equal("to", mo.fields.get("to"), "1204")
    return f"8 texts reached {one.number} and {two.number}, DELIVERED by JSON and form, 1 text came back"


def websms():
    """text, binary and simple by both methods, with a report, and a text from a handset."""
    one, two = Handset("4367612345678"), Handset("4367612345679")
    basic, bearer = ("--user", f"{USER}:{PASSWORD}"), ("-H", f"Authorization: Bearer {KEY}")

    def rest(call, message, *login):
        body = data(json.dumps(message, ensure_ascii=False))
        return curl(
            f"/rest/smsmessaging/{call}",
            *login,
            "-H",
            JSON,
            "-H",
            "Accept: application/json",
            *body,
        )

    def accepted(reply):
        equal(f"status ({reply.text})", reply.status, 200)
        true("statusCode 2000 or 2001", reply.json.get("statusCode") in (2000, 2001), reply.json)
        true(
            "a transferId",
            re.fullmatch("[0-9a-f]{20}", reply.json.get("transferId") or ""),
            reply.json,
        )
        return reply.json["transferId"]

    to = {"recipientAddressList": [one.number]}
    path = "/websms/curl"
    message = to | {
        "messageContent": "Hi €",
        "clientMessageId": "c 1",
        "notificationCallbackUrl": CALLBACKS + path,
    }
    transfer = accepted(rest("text", message, *bearer))
    one.gets("Hi €")
    report = callback(path, transferId=transfer, deliveryReportMessageStatus="delivered")
    equal("messageType", report.fields.get("messageType"), "deliveryReport")
    equal("clientMessageId", report.fields.get("clientMessageId"), "c 1")
    equal("method of a report", report.method, "POST")

    segments = [
        base64.b64encode(octets).decode() for octets in (b"\x06\x05\x04\x15\x8a\x00\x00one",)
    ]
    accepted(
        rest("binary", to | {"messageContent": segments, "userDataHeaderPresent": True}, *basic)
    )
    one.gets(b"one".hex().upper())

    simple = "/rest/smsmessaging/simple"
    accepted(
        curl(
            f"{simple}?recipientAddressList={one.number},{two.number}&messageContent=Gr%FC%DFe&test=true",
            *bearer,
        )
    )
    accepted(
        curl(
            f"{simple}?recipientAddressList={one.number},{two.number}&messageContent=Gr%FC%DFe",
            *bearer,
        )
    )
    one.gets("Grüße")
    two.gets("Grüße")
    accepted(
        curl(
            f"{simple}?access_token={KEY}",
            *data(f"recipientAddressList={one.number}&messageContent=Gr%FC%DFe"),
        )
    )
    one.gets("Grüße")

    refused = rest("text", to | {"messageContent": "Hi", "priority": 10}, *bearer)
    equal("status", refused.status, 200)
    equal("statusCode of priority 10", refused.json.get("statusCode"), 4015)
    refused = rest("text", to | {"messageContent": "no"}, "--user", f"{USER}:wrong")
    equal("status of a wrong password", refused.status, 401)
    equal("statusCode of a wrong password", refused.json.get("statusCode"), 4001)

    one.sends("WEB hello <æøå>")
    mo = callback("/websms/mo", senderAddress=one.number)
    equal("textMessageContent", mo.fields.get("textMessageContent"), "WEB hello <æøå>")
    equal("messageType", mo.fields.get("messageType"), "text")
    return f"5 texts reached {one.number} and {two.number}, report delivered, 1 text came back"


def skebby():
    """Login, a text, its state, and one that is not sent before next year."""
    rest = "/API/v1.0/REST"
    handset = Handset("393471234567")
    keys = answers(f"{rest}/login?username={USER}&password={PASSWORD}").text
    true("user_key;session_key and nothing more", re.fullmatch("[^;\\s]+;[^;\\s]+", keys), keys)
    user, session = keys.split(";")
    login = ("-H", f"user_key: {user}", "-H", f"Session_key: {session}", "-H", JSON)
    equal("checksession", answers(f"{rest}/checksession", *login).text, "true")

    message = {
        "message_type": "GP",
        "message": "Ciao è",
        "recipient": ["+" + handset.number],
        "returnCredits": True,
    }
    # The documents write a second slash.
    reply = answers(f"{rest}//sms", *login, *data(json.dumps(message)), status=201).json
    equal("result and total_sent", (reply.get("result"), reply.get("total_sent")), ("OK", 1))
    handset.gets("Ciao è")

    def delivered():
        last.append(answers(f"{rest}/sms/{reply['order_id']}", *login).json)
        return [r["status"] for r in last[-1]["recipients"]] == ["DLVRD"]

    last = []
    true("a recipient who is DLVRD", until(delivered), last[-1])

    later = message | {
        "order_id": "LATER_1",
        "scheduled_delivery_time": f"{time.localtime().tm_year + 1}1223101010",
    }
    answers(f"{rest}/sms", *login, *data(json.dumps(later)), status=201)
    answers(f"{rest}/sms/LATER_1", "-X", "DELETE", *login)
    answers(f"{rest}/sms/LATER_1", "-X", "DELETE", *login, status=404)

    answers(f"{rest}/login?username={USER}&password=wrong", status=404)
    stranger = ("-H", f"user_key: {user}", "-H", "Session_key: wrong", "-H", JSON)
    answers(f"{rest}/sms", *stranger, *data(json.dumps(message)), status=401)
    answers(f"{rest}/sms", *login, *data(json.dumps(message | {"recipient": ["abc"]})), status=400)
    return f"1 text reached {handset.number}, DLVRD; 1 scheduled and deleted"


def bulksms():
    """send_sms by both methods and in three codings, and every call that asks for something."""
    one, two = Handset("44123123456"), Handset("44123123457")
    account = f"username={USER}&password={PASSWORD}"
    send = "/eapi/submission/send_sms/2/2.0"

    def accepted(reply):
        equal(f"status ({reply.text})", reply.status, 200)
        match = re.fullmatch(r"0\|IN_PROGRESS\|([1-9][0-9]*)", reply.text)
        true("0|IN_PROGRESS|batch_id", match, reply.text)
        return match[1]

    credits = answers(f"/eapi/user/get_credits/1/1.1?{account}").text
    match = re.fullmatch(r"0\|([0-9]+\.[0-9]{2})", credits)
    true("0|credits", match, credits)

    both = f"msisdn={one.number},{two.number}"
    form = f"{account}&message=Hi+Mom+%26+Dad&{both}"
    quote = answers("/eapi/submission/quote_sms/2/2.0", *data(form)).text
    true("0|Quotation issued|2.00", re.fullmatch(r"0\|Quotation issued\|2(\.0+)?", quote), quote)
    batch = accepted(curl(send, *data(form)))
    one.gets("Hi Mom & Dad")
    two.gets("Hi Mom & Dad")
    left = answers("/eapi/user/get_credits/1/1.1", *data(account)).text
    equal("credits after two messages", left, f"0|{float(match[1]) - 2:.2f}")

    def reported():
        last.append(
            answers(f"/eapi/status_reports/get_report/2/2.0?{account}&batch_id={batch}").text
        )
        head, _, lines = last[-1].partition("\n\n")
        return head == "0|Results to follow" and sorted(lines.split()) == [
            f"{one.number}|11",
            f"{two.number}|11",
        ]

    last = []
    true("a report of 11 for both", until(reported), last[-1])
    for handset in (one, two):
        callback("/bulksms-eapi", batch_id=batch, msisdn=handset.number, status="11")

    to = f"msisdn={one.number}"
    for text, sent in (("%A3+%E9", "£ é"), ("%BB%65+%BB%14+%7B%7D", "€ ^ {}")):
        accepted(curl(f"{send}?{account}&{to}&message={text}"))
        one.gets(sent)
    accepted(curl(send, *data(f"{account}&message=%D0%DE%AC%C2%DB%BA%DD%CA%D4%B1&{to}")))
    one.gets("ΔΦΓΛΩΠΨΣΘΞ")
    accepted(curl(send, *data(f"{account}&dca=16bit&message=4e2dD83dde00&{to}")))
    one.gets("中😀")
    accepted(
        curl(send, *data(f"{account}&dca=8bit&message=0605040B8423F0DC0601AE02056A0045C60C03&{to}"))
    )
    one.gets("DC0601AE02056A0045C60C03")
    accepted(curl(send, *data(f"{account}&allow_concat_text_sms=1&message={'A' * 161}&{to}")))
    one.gets("A" * 161)

    for wrong, code in (
        (f"username={USER}&password=wrong&message=no&{to}", 23),
        (f"{account}&message={'A' * 161}&{to}", 24),
        (f"{account}&message=no", 24),
    ):
        reply = answers(send, *data(wrong)).text
        true(f"code {code}", reply.startswith(f"{code}|"), reply)

    one.sends("BULK hello £")
    mo = callback("/mo/bulksms-eapi", sender=one.number)
    equal("message", mo.fields.get("message"), "BULK hello £")
    inbox = answers(f"/eapi/reception/get_inbox/1/1.1?{account}&last_retrieved_id=0").text
    true("the text in get_inbox", f"|{one.number}|BULK hello" in inbox, inbox)
    return (
        f"8 texts reached {one.number} and {two.number}, get_report 11 for both, 1 text came back"
    )


run(
    "curl",
    {
        "gatewayapi-v2": gatewayapi_v2,
        "gatewayapi-v1": gatewayapi_v1,
        "nextpod": nextpod,
        "websms": websms,
        "skebby-rest": skebby,
        "bulksms-eapi": bulksms,
    },
)

"""PyPI apprise: its form and json plugins with fields renamed to those of Nextpod."""

import base64
from urllib.parse import quote

import apprise

from common import ACCOUNT_ID, CALLBACKS, KEY, URL, Handset, callback, equal, run, true

TEXT = "Hello! æøå € + & = 😀"


def notify(schema, text, fields, headers=None):
    """Whether apprise says that the text was sent."""
    # An empty name leaves a field of apprise's own out.
    fields = {"message": "msg", "version": "", "title": "", "type": ""} | fields
    if schema == "json":
        fields["attachments"] = ""
    arguments = [f":{name}={quote(value, safe='')}" for name, value in fields.items()]
    arguments += [f"+{name}={quote(value, safe='')}" for name, value in (headers or {}).items()]
    service = apprise.Apprise()
    place = URL.removeprefix("http://")
    true(
        "a URL that apprise can read",
        service.add(f"{schema}://{place}/v2/sms?" + "&".join(arguments)),
        schema,
    )
    return bool(service.notify(body=text))


def nextpod():
    """As a form to two recipients, as JSON to one, and a wrong key."""
    one, two = Handset("4791726200"), Handset("4758484412")
    account = {"account_id": ACCOUNT_ID, "api_key": KEY}
    message = {"from": "Nextpod", "to": f"{one.number},{two.number}"}
    equal("form", notify("form", TEXT, account | message), True)
    one.gets(TEXT)
    two.gets(TEXT)

    basic = "Basic " + base64.b64encode(f":{KEY}".encode()).decode()
    message = {"from": "Nextpod", "to": one.number}
    equal("json", notify("json", TEXT, message, {"Authorization": basic}), True)
    one.gets(TEXT)

    reports = CALLBACKS + "/apprise/nextpod"
    message |= {"dlr_url": reports, "dlr_method": "FORM", "reference": "apprise 1"}
    equal("form with a report", notify("form", "reported", account | message), True)
    one.gets("reported")
    report = callback("/apprise/nextpod", to=one.number, status_code="200", reference="apprise 1")
    equal("status_text", report.fields.get("status_text"), "DELIVERED")

    account["api_key"] = "wrong"
    equal("form with a wrong key", notify("form", "no", account | message), False)
    return f"4 texts reached {one.number} and {two.number}, report DELIVERED"


run("apprise 2.2.0", {"nextpod": nextpod})

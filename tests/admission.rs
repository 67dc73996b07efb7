//! Who is let in: from which networks, and after how many guesses. Each interface says it in its own
//! words, and nobody is told more than that.

use reqwest::header::CONTENT_TYPE;
use septet_tests::{Wish, field, http};

const FORM: &str = "application/x-www-form-urlencoded";
const JSON: &str = "application/json";

/// Proxies are believed on loopback, so that a test may ask from anywhere.
const ANYWHERE: &str = "trusted_proxies = [\"127.0.0.0/8\"]";

const HOME: &str = "10.1.2.3";
const AWAY: &str = "192.0.2.1";

const TO: &str = "4512345678";

/// Status and body of an answer.
type Came = (u16, String);

/// A gateway, and a customer who may be anywhere.
struct Gateway {
    gateway: septet_tests::Gateway,
    http: reqwest::Client,
}

impl Gateway {
    async fn start(wish: Wish) -> Self {
        let gateway = septet_tests::Gateway::start(Wish { extra: ANYWHERE, ..wish }).await;
        Self { gateway, http: http() }
    }

    /// Asks an interface to send, from this address and with this password or key.
    async fn ask(&self, api: &str, from: &str, secret: &str) -> Came {
        let (path, content_type, body) = match api {
            "gatewayapi-v1" => {
                let query = field("username", "demo") + &field("password", secret);
                let path = format!(
                    "/Gateway/Kunder/Opret/Gateway.aspx?number=12345678&countryCode=45&message=t{query}"
                );
                (path, "", String::new())
            }
            "gatewayapi-v2" => {
                let body =
                    format!("user=demo&sessionid=s&to={TO}&text=t{}", field("password", secret));
                ("/sendsms".to_owned(), FORM, body)
            }
            "nextpod" => {
                let body = format!("{{\"from\":\"Septet\",\"to\":\"{TO}\",\"msg\":\"t\"}}");
                ("/v2/sms".to_owned(), JSON, body)
            }
            "websms" => {
                let body =
                    format!("{{\"recipientAddressList\":[\"{TO}\"],\"messageContent\":\"t\"}}");
                ("/rest/smsmessaging/text".to_owned(), JSON, body)
            }
            "skebby-rest" => ("/API/v1.0/REST/login".to_owned(), "", String::new()),
            _ => {
                let body =
                    format!("username=demo&msisdn={TO}&message=t{}", field("password", secret));
                ("/eapi/submission/send_sms/2/2.0".to_owned(), FORM, body)
            }
        };
        let url = self.gateway.url(&path);
        let request = if content_type.is_empty() {
            self.http.get(url)
        } else {
            self.http.post(url).header(CONTENT_TYPE, content_type).body(body)
        };
        let request = match api {
            "nextpod" => request.basic_auth("", Some(secret)),
            "websms" | "skebby-rest" => request.basic_auth("demo", Some(secret)),
            _ => request,
        };
        let reply = request.header("x-forwarded-for", from).send().await.unwrap();
        (reply.status().as_u16(), reply.text().await.unwrap())
    }
}

/// Whether a sending or a login was taken.
fn is_taken(api: &str, (status, body): &Came) -> bool {
    *status == 200
        && match api {
            "gatewayapi-v1" => body.starts_with("<form"),
            "gatewayapi-v2" => body.starts_with("Processing:"),
            "websms" => body.contains("\"statusCode\":2000"),
            "bulksms-eapi" => body.starts_with("0|"),
            _ => true,
        }
}

const APIS: [&str; 6] =
    ["gatewayapi-v1", "gatewayapi-v2", "nextpod", "websms", "skebby-rest", "bulksms-eapi"];

#[tokio::test]
async fn an_account_asks_from_its_networks_only_and_elsewhere_no_password_is_looked_at() {
    let account_extra = "networks = [\"10.0.0.0/8\", \"2001:db8::/32\"]".to_owned();
    let wish = Wish { account_extra, ..Wish::default() };
    let gateway = Gateway::start(wish).await;
    for (api, status, words) in [
        ("gatewayapi-v1", 200, "Unauthorized IP-address: 192.0.2.1"),
        ("gatewayapi-v2", 400, "Unauthorized IP-address: 192.0.2.1"),
        ("nextpod", 403, "{\"status\":403,\"message\":\"Forbidden\"}"),
        ("websms", 200, "\"statusCode\":4014"),
        ("skebby-rest", 400, "Not allowed"),
        ("bulksms-eapi", 200, "23|"),
    ] {
        let away = gateway.ask(api, AWAY, "secret").await;
        assert!(away.0 == status && away.1.contains(words), "{api}: {away:?}");
        let guess = gateway.ask(api, AWAY, "wrong").await;
        // Whose a key is, nobody knows before it is right.
        assert_eq!(guess == away, api != "nextpod", "{api}: {guess:?}");
        for home in [HOME, "2001:db8::1"] {
            let home = gateway.ask(api, home, "secret").await;
            assert!(is_taken(api, &home), "{api}: {home:?}");
        }
        let again = gateway.ask(api, AWAY, "secret").await;
        assert_eq!(again, away, "a password that is known is no way in");
    }
}

#[tokio::test]
async fn a_session_and_a_token_are_for_the_networks_of_their_account_too() {
    let account_extra = "networks = [\"10.0.0.0/8\"]".to_owned();
    let gateway = Gateway::start(Wish { account_extra, ..Wish::default() }).await;
    for (call, header) in [("login", "Session_key"), ("token", "Access_token")] {
        let get = |path: &str, from: &str| {
            let url = gateway.gateway.url(&format!("/API/v1.0/REST/{path}"));
            gateway.http.get(url).header("x-forwarded-for", from)
        };
        let login = get(call, HOME).basic_auth("demo", Some("secret")).send().await.unwrap();
        let keys = login.text().await.unwrap();
        let (user, key) = keys.split_once(';').unwrap();
        for (from, key, status) in
            [(HOME, key, 200), (AWAY, key, 400), (AWAY, "wrong", 400), (HOME, "wrong", 401)]
        {
            let asked = get("status", from).header("user_key", user).header(header, key);
            assert_eq!(asked.send().await.unwrap().status(), status, "{call} {from} {key}");
        }
    }
}

#[tokio::test]
async fn an_address_that_guesses_passwords_is_shut_out_by_every_interface() {
    let gateway = Gateway::start(Wish::default()).await;
    for api in APIS {
        let home = gateway.ask(api, HOME, "secret").await;
        assert!(is_taken(api, &home), "{api}: {home:?}");
    }
    for n in 0..20 {
        let (_, body) = gateway.ask("websms", AWAY, &format!("guess {n}")).await;
        assert!(body.contains("\"statusCode\":4001"), "{n}: {body}");
    }
    for (api, status, words) in [
        ("gatewayapi-v1", 200, "too many requests failed"),
        ("gatewayapi-v2", 503, "too many requests failed"),
        ("websms", 200, "\"statusCode\":4023"),
        ("skebby-rest", 429, "Too many requests"),
        ("bulksms-eapi", 200, "40|"),
    ] {
        // The right password is no better than a wrong one: which it is, nobody learns.
        for secret in ["guess", "secret"] {
            let (own, body) = gateway.ask(api, AWAY, secret).await;
            assert!(own == status && body.contains(words), "{api}: {own} {body}");
        }
        let home = gateway.ask(api, HOME, "secret").await;
        assert!(is_taken(api, &home), "{api}: {home:?}");
    }
    // Nextpod has a rule of its own: a right key is let in.
    let own = gateway.ask("nextpod", AWAY, "secret").await;
    assert!(is_taken("nextpod", &own), "{own:?}");
}

#[tokio::test]
async fn names_and_tokens_that_are_none_are_guesses_too() {
    let gateway = Gateway::start(Wish::default()).await;
    let asked = async |query: String| {
        let url = gateway.gateway.url(&format!("/rest/smsmessaging/simple?{query}"));
        let request = gateway.http.get(url).header("x-forwarded-for", AWAY);
        request.send().await.unwrap().text().await.unwrap()
    };
    let eapi = async |user: String| {
        let body = format!("username={user}&password=secret&msisdn={TO}&message=t");
        let url = gateway.gateway.url("/eapi/submission/send_sms/2/2.0");
        let request = gateway.http.post(url).header(CONTENT_TYPE, FORM).body(body);
        request.header("x-forwarded-for", AWAY).send().await.unwrap().text().await.unwrap()
    };
    for n in 0..10 {
        let body = asked(format!("access_token=guess{n}")).await;
        assert!(body.contains("\"statusCode\":4001"), "{n}: {body}");
        let body = eapi(format!("guess{n}")).await;
        assert!(body.starts_with("23|"), "{n}: {body}");
    }
    let body = asked("access_token=secret".to_owned()).await;
    assert!(body.contains("\"statusCode\":4023"), "{body}");
    assert!(eapi("demo".to_owned()).await.starts_with("40|"));
}

#[tokio::test]
async fn a_program_with_an_old_password_shuts_nobody_out() {
    let gateway = Gateway::start(Wish::default()).await;
    for n in 0..50 {
        let (_, body) = gateway.ask("websms", AWAY, "old").await;
        assert!(body.contains("\"statusCode\":4001"), "{n}: {body}");
    }
    let away = gateway.ask("websms", AWAY, "secret").await;
    assert!(is_taken("websms", &away), "{away:?}");
}

#[tokio::test]
async fn guesses_that_come_at_once_are_no_more_than_others() {
    let gateway = std::sync::Arc::new(Gateway::start(Wish::default()).await);
    let guesses = (0..60).map(|n| {
        let gateway = gateway.clone();
        tokio::spawn(async move { gateway.ask("websms", AWAY, &format!("guess {n}")).await.1 })
    });
    let guesses: Vec<_> = guesses.collect();
    let mut wrong = 0;
    for guess in guesses {
        let body = guess.await.unwrap();
        let is_wrong = body.contains("\"statusCode\":4001");
        assert!(is_wrong || body.contains("\"statusCode\":4023"), "{body}");
        wrong += usize::from(is_wrong);
    }
    assert_eq!(wrong, 20);
}

/// How many wrong passwords an account takes from everywhere together.
const OF_ACCOUNT: usize = 100;

/// How many of them come from one address here: too few to shut that out.
const OF_ADDRESS: usize = 10;

#[tokio::test]
async fn an_account_that_many_addresses_guess_takes_no_new_one_and_others_do() {
    let hash = septet_host::accounts::hash("other's").unwrap();
    let other = format!("[[account]]\nname = \"other\"\npassword = \"{hash}\"");
    let gateway = Gateway::start(Wish { sections: other, ..Wish::default() }).await;
    let asked = async |user: &str, secret: &str, from: &str| {
        let body = format!("username={user}&msisdn={TO}&message=t{}", field("password", secret));
        let url = gateway.gateway.url("/eapi/submission/send_sms/2/2.0");
        let request = gateway.http.post(url).header(CONTENT_TYPE, FORM).body(body);
        let reply = request.header("x-forwarded-for", from).send().await.unwrap();
        reply.text().await.unwrap().split('|').next().unwrap().to_owned()
    };
    let (taken, wrong, shut_out) = ("0", "23", "40");
    assert_eq!(asked("demo", "secret", HOME).await, taken);
    for n in 0..OF_ACCOUNT {
        let from = format!("192.0.2.{}", n / OF_ADDRESS);
        assert_eq!(asked("demo", &format!("guess {n}"), &from).await, wrong, "{n}");
    }
    // The right password is no better than a wrong one: nobody looks at either.
    for from in [AWAY, "198.51.100.1"] {
        for secret in ["guess", "secret"] {
            assert_eq!(asked("demo", secret, from).await, shut_out, "{from} {secret}");
        }
        assert_eq!(asked("other", "other's", from).await, taken, "{from}");
        assert_eq!(asked("other", "guess", from).await, wrong, "{from}");
    }
    // Who was right before has guesses of its own.
    assert_eq!(asked("demo", "guess", HOME).await, wrong);
    assert_eq!(asked("demo", "secret", HOME).await, taken);
}

//! What people see of a gateway: the operator's page, `/metrics`, and the commands that ask it.

use std::fs;
use std::path::Path;
use std::process::{Command, Output};
use std::time::Duration;

use reqwest::header::{COOKIE, LOCATION, SET_COOKIE};
use reqwest::redirect::Policy;
use septet_host::accounts::hash;
use septet_host::config::Config;
use septet_host::serve::Running;
use tempfile::TempDir;

/// A gateway inside this process, and a browser that never goes anywhere by itself.
struct Gateway {
    running: Running,
    http: reqwest::Client,
    data: TempDir,
}

impl Gateway {
    async fn start(modems: &str) -> Self {
        Self::start_with("", modems).await
    }

    /// One with more lines of the configuration itself.
    async fn start_with(extra: &str, modems: &str) -> Self {
        let data = TempDir::new().unwrap();
        let (operator, account) = (hash("operator").unwrap(), hash("secret").unwrap());
        let config = format!(
            r#"
            listen = "127.0.0.1:0"
            data = {:?}
            {extra}
            [operator]
            password = "{operator}"
            [[account]]
            name = "demo"
            password = "{account}"
            credits = 100
            {modems}
            "#,
            data.path().display().to_string()
        );
        let running = Running::start(Config::parse(&config).unwrap()).await.unwrap();
        septet_host::callbacks::install_tls();
        let http = reqwest::Client::builder().no_proxy().redirect(Policy::none()).build().unwrap();
        Self { running, http, data }
    }

    fn url(&self, path: &str) -> String {
        format!("{}{path}", self.running.url)
    }

    async fn get(&self, path: &str, cookie: &str) -> (u16, String) {
        let response = self.http.get(self.url(path)).header(COOKIE, cookie).send().await.unwrap();
        (response.status().as_u16(), response.text().await.unwrap())
    }

    async fn post(&self, path: &str, cookie: &str, form: &[(&str, &str)]) -> reqwest::Response {
        let body = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(form).finish();
        self.http.post(self.url(path)).header(COOKIE, cookie).body(body).send().await.unwrap()
    }

    /// The cookie of a session, and the token of its forms.
    async fn log_in(&self) -> (String, String) {
        let response = self.post("/login", "", &[("password", "operator")]).await;
        assert_eq!(
            (response.status().as_u16(), &response.headers()[LOCATION]),
            (303, &"/".parse().unwrap())
        );
        let cookie = response.headers()[SET_COOKIE].to_str().unwrap();
        let cookie = cookie.split(';').next().unwrap().to_owned();
        let (_, page) = self.get("/", &cookie).await;
        let (_, rest) = page.split_once("name=\"token\" value=\"").unwrap();
        (cookie, rest.split('"').next().unwrap().to_owned())
    }

    async fn send(&self, to: &str, text: &str) -> (u16, String) {
        let query = url::form_urlencoded::Serializer::new(String::new())
            .extend_pairs([("user", "demo"), ("password", "secret"), ("to", to), ("text", text)])
            .append_pair("charset", "utf-8")
            .append_pair("sessionid", &format!("{to}:{text}"))
            .finish();
        self.get(&format!("/sendsms?{query}"), "").await
    }

    /// What a page is once it has `part` in it.
    async fn page_with(&self, path: &str, cookie: &str, part: &str) -> String {
        loop {
            let (status, page) = self.get(path, cookie).await;
            assert_eq!(status, 200, "{page}");
            if page.contains(part) {
                return page;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    fn run(&self, arguments: &[&str]) -> Output {
        run(self.data.path(), arguments)
    }
}

fn run(data: &Path, arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_septet"));
    command.args(arguments).arg("--data").arg(data).env_remove("SEPTET_TOKEN");
    command.output().unwrap()
}

fn words(output: &Output) -> String {
    assert!(output.status.success(), "{output:?}");
    String::from_utf8(output.stdout.clone()).unwrap()
}

/// A modem, and a keyword of the account on its number.
const VIRTUAL: &str = r#"
    [[account.keyword]]
    number = "4520001204"
    api = "bulksms-eapi"
    [[modem]]
    name = "one"
    port = "virtual"
    number = "4520001204"
"#;

#[tokio::test(flavor = "multi_thread")]
async fn nobody_gets_in_without_the_password_and_no_other_pages_form_is_taken() {
    let gateway = Gateway::start(VIRTUAL).await;
    for path in ["/", "/received", "/gateway", "/messages/1"] {
        assert_eq!(gateway.get(path, "septet-operator=").await.0, 303, "{path}");
    }
    assert_eq!(gateway.post("/send", "", &[("to", "4512345678")]).await.status(), 403);
    let wrong = gateway.post("/login", "", &[("password", "secret")]).await;
    assert!(wrong.status() == 403 && wrong.headers().get(SET_COOKIE).is_none());

    let (cookie, token) = gateway.log_in().await;
    let page = gateway.http.get(gateway.url("/")).header(COOKIE, &cookie).send().await.unwrap();
    let policy = page.headers()["content-security-policy"].to_str().unwrap();
    assert!(policy.starts_with("default-src 'none'; script-src 'self'"), "{policy}");
    assert_eq!(page.headers()["cache-control"], "no-store");

    let form = |token| [("to", "4512345678"), ("text", "x"), ("account", "demo"), ("token", token)];
    assert_eq!(gateway.post("/send", &cookie, &form("")).await.status(), 403);
    assert_eq!(gateway.post("/send", &cookie, &form(&token)).await.status(), 303);
    assert_eq!(gateway.post("/logout", &cookie, &[]).await.status(), 403);
    assert_eq!(gateway.post("/logout", &cookie, &[("token", &token)]).await.status(), 303);
    assert_eq!(gateway.get("/", &cookie).await.0, 303);
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_password_in_the_configuration_nobody_gets_in() {
    let data = TempDir::new().unwrap();
    let config = format!("listen = \"127.0.0.1:0\"\ndata = {:?}", data.path().to_str().unwrap());
    let running = Running::start(Config::parse(&config).unwrap()).await.unwrap();
    septet_host::callbacks::install_tls();
    let http = reqwest::Client::builder().no_proxy().redirect(Policy::none()).build().unwrap();
    for path in ["/", "/login", "/gateway", "/messages/1"] {
        let page = http.get(format!("{}{path}", running.url)).send().await.unwrap();
        assert_eq!(page.status(), 404, "{path}");
        assert!(page.text().await.unwrap().contains("put one under [operator]"), "{path}");
    }
    let login = http.post(format!("{}/login", running.url)).body("password=").send().await.unwrap();
    assert_eq!(login.status(), 404);
}

#[tokio::test(flavor = "multi_thread")]
async fn who_guesses_behind_a_proxy_shuts_out_nobody_else() {
    let gateway = Gateway::start_with("trusted_proxies = [\"127.0.0.0/8\"]", "").await;
    let log_in = async |from: &str, password: &str| {
        let asked = gateway.http.post(gateway.url("/login")).header("x-forwarded-for", from);
        asked.body(format!("password={password}")).send().await.unwrap().status().as_u16()
    };
    let mut statuses = Vec::new();
    for guess in 0..100 {
        statuses.push(log_in("192.0.2.1", &guess.to_string()).await);
        if statuses.last() != Some(&403) {
            break;
        }
    }
    assert!(statuses.len() > 1 && statuses.last() == Some(&429), "{statuses:?}");
    assert_eq!(log_in("192.0.2.1", "operator").await, 429);
    assert_eq!(log_in("192.0.2.2", "operator").await, 303);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_text_is_sent_from_the_page_and_an_answer_arrives_on_it() {
    let gateway = Gateway::start(VIRTUAL).await;
    let (cookie, token) = gateway.log_in().await;
    let text = "5 € <script>alert('&')</script>";
    let form = [("account", "demo"), ("to", "+45 12 34 56 78"), ("text", text), ("token", &token)];
    assert_eq!(gateway.post("/send", &cookie, &form).await.status(), 303);
    let page = gateway.page_with("/", &cookie, "badge good\">delivered").await;
    assert!(page.contains("5 € &lt;script&gt;alert('&amp;')&lt;/script&gt;"), "{page}");
    assert!(!page.contains("<script>alert"));
    assert_eq!(
        gateway.running.network.as_ref().unwrap().handset("4512345678").messages[0].text,
        text
    );
    let (_, one) = gateway.get("/messages/1", &cookie).await;
    assert!(one.contains("the network reports 0 (received by the handset)"), "{one}");
    assert!(
        one.contains("aria-current=\"true\">Messages</a>") && one.contains("← Messages"),
        "{one}"
    );
    assert_eq!(gateway.get("/messages/x", &cookie).await.0, 200);

    let form = [
        ("number", "4512345678"),
        ("to", "4520001204"),
        ("text", "thank <you>"),
        ("token", &token),
    ];
    assert_eq!(gateway.post("/handset", &cookie, &form).await.status(), 303);
    gateway.page_with("/received", &cookie, "thank &lt;you&gt;").await;

    let form = [("account", "demo"), ("to", "nobody"), ("text", "keep <me>"), ("token", &token)];
    let refused = gateway.post("/send", &cookie, &form).await;
    assert_eq!(refused.status(), 400);
    let refused = refused.text().await.unwrap();
    assert!(refused.contains("is no number") && refused.contains("keep &lt;me&gt;"), "{refused}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_no_keyword_takes_and_what_is_owed_is_on_the_page() {
    let allowed = "[callbacks]\nallow = [\"127.0.0.0/8\"]";
    let keyword = "keyword = \"TEST\"\nurl = \"http://127.0.0.1:9/secret\"\napi = ";
    let gateway = Gateway::start_with(allowed, &VIRTUAL.replacen("api = ", keyword, 1)).await;
    let (cookie, token) = gateway.log_in().await;
    for text in ["nobody's", "TEST shop's"] {
        let form = [("number", "4512345678"), ("to", "4520001204"), ("text", text)];
        let form = [form.as_slice(), &[("token", &token)]].concat();
        assert_eq!(gateway.post("/handset", &cookie, &form).await.status(), 303);
    }
    let page = gateway.page_with("/received", &cookie, "TEST shop's").await;
    let row = |text: &str| page.split("<tr>").find(|row| row.contains(text)).unwrap();
    let nobodys = row("nobody's");
    assert!(nobodys.contains("4520001204") && nobodys.contains("for nobody: no keyword matched"));
    assert!(row("TEST shop's").contains("demo"), "{page}");
    // No account gets what is for nobody.
    let inbox = "/eapi/reception/get_inbox/1/1.1?username=demo&password=secret&last_retrieved_id=0";
    let (_, inbox) = gateway.get(inbox, "").await;
    assert!(inbox.contains("shop's") && !inbox.contains("nobody's"), "{inbox}");

    // What is owed of it leads to it, and so does the report of a message.
    let form = "/sendsms?user=demo&password=secret&to=4512345678&text=x&sessionid=1\
                &callbackurl=http%3A%2F%2F127.0.0.1%3A9%2F";
    assert_eq!(gateway.get(form, "").await.0, 200);
    let page = gateway.page_with("/gateway", &cookie, "href=\"/messages/1\"").await;
    assert!(page.contains("http://127.0.0.1:9") && !page.contains("secret"), "{page}");
    let (_, way) = page.split_once("href=\"/received?").unwrap();
    let way = format!("/received?{}", way.split('"').next().unwrap());
    let (_, page) = gateway.get(&way, &cookie).await;
    let (_, first) = page.split_once("<tbody><tr>").unwrap();
    assert!(first.split("</tr>").next().unwrap().contains("TEST shop's"), "{page}");
    let status = words(&gateway.run(&["status"]));
    assert!(
        status.contains("callback 2: report of message 1 to http://127.0.0.1:9, gatewayapi-v2"),
        "{status}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn what_went_wrong_is_said_in_words() {
    let gateway = Gateway::start(&format!("{VIRTUAL}\nfaults = [\"1=cms:1\", \"2=reboot\"]")).await;
    for to in ["4512345678", "4512345679"] {
        assert_eq!(gateway.send(to, "x").await.0, 200);
    }
    let (cookie, _) = gateway.log_in().await;
    let page = gateway.page_with("/", &cookie, "badge doubtful\">unknown").await;
    let refused = "cannot be delivered; refused: +CMS ERROR: 1 (unassigned (unallocated) number)";
    assert!(page.contains(refused), "{page}");
    assert!(page.contains("; modem restarted before it said what became of the message"), "{page}");
    let status = words(&gateway.run(&["messages", "--state", "failed"]));
    assert!(status.contains(refused), "{status}");
    assert!(gateway.get("/gateway", &cookie).await.1.contains("modem restarted"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_text_is_counted_by_the_codec_while_it_is_typed() {
    let gateway = Gateway::start("").await;
    let (cookie, _) = gateway.log_in().await;
    let count = async |text: &str| {
        let asked = gateway.http.post(gateway.url("/parts")).header(COOKIE, &cookie);
        let counted = asked.body(text.to_owned()).send().await.unwrap();
        let counted: serde_json::Value = counted.json().await.unwrap();
        counted["words"].as_str().unwrap().to_owned()
    };
    assert_eq!(count("").await, "");
    assert_eq!(count("5 €").await, "GSM-7, 1 part, 156 septets left\n€ counts two\n");
    assert_eq!(
        count(&"ж".repeat(71)).await,
        "UCS-2, 2 parts, 63 code units left in the last\n\
         ж is not in GSM-7, so the whole text is in UCS-2 (71 times)\n"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn messages_are_found_by_number_text_state_and_id() {
    let gateway = Gateway::start(VIRTUAL).await;
    for (to, text) in
        [("4512345678", "100% Ærø"), ("4512345679", "100 percent"), ("4512345680", "x")]
    {
        assert_eq!(gateway.send(to, text).await.0, 200);
    }
    let (cookie, _) = gateway.log_in().await;
    gateway.page_with("/?q=4512345680", &cookie, "badge good\">delivered").await;
    let found = |search: &[&str]| {
        let mut arguments = vec!["messages", "--json"];
        arguments.extend(search);
        let found: serde_json::Value =
            serde_json::from_str(&words(&gateway.run(&arguments))).unwrap();
        let ids = found.as_array().unwrap().iter().map(|message| message["id"].as_i64().unwrap());
        ids.collect::<Vec<i64>>()
    };
    assert_eq!(found(&[]), [3, 2, 1]);
    assert_eq!(found(&["--search", "+45 12 34 56 79"]), [2]);
    assert_eq!(found(&["--search", "100"]), [2, 1]);
    // What LIKE reads as a sign is none.
    assert_eq!(found(&["--search", "100%"]), [1]);
    assert_eq!(found(&["--search", "PERCENT"]), [2]);
    assert_eq!(found(&["--search", "Ærø"]), [1]);
    assert_eq!(found(&["--search", "4512345679:100 percent"]), [2]);
    assert_eq!(found(&["--limit", "2"]), [3, 2]);
    assert_eq!(found(&["--before", "2"]), [1]);
    assert_eq!(found(&["--state", "expired"]), [] as [i64; 0]);
    let shown = words(&gateway.run(&["messages", "--search", "percent"]));
    assert!(
        shown.contains("4512345679") && shown.contains("\n    demo → one, 1 part\n"),
        "{shown}"
    );
    assert_eq!(gateway.run(&["messages", "--state", "nowhere"]).status.code(), Some(2));
    let accounts = words(&gateway.run(&["accounts"]));
    assert!(accounts.starts_with("demo  97 of 100 credits left, last request "), "{accounts}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_happens_is_counted_and_a_gateway_without_a_modem_is_not_ready() {
    let gateway = Gateway::start("").await;
    assert_eq!(gateway.get("/healthz", "").await, (200, "ok\n".to_owned()));
    assert_eq!(gateway.get("/readyz", "").await, (503, "there is no modem\n".to_owned()));
    let status = gateway.run(&["status"]);
    assert_eq!(status.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&status.stdout).starts_with("there is no modem\n0 waiting"));

    let gateway = Gateway::start(VIRTUAL).await;
    assert_eq!(gateway.send("4512345678", "x").await.0, 200);
    assert_eq!(gateway.send("nobody", "x").await.0, 400);
    assert_eq!(gateway.get("/nothing", "").await.0, 404);
    let page = gateway
        .page_with("/metrics", "", "septet_parts_total{modem=\"one\",fate=\"sent\"} 1")
        .await;
    for line in [
        "septet_requests_total{interface=\"gatewayapi-v2\",outcome=\"taken\"} 1",
        "septet_requests_total{interface=\"gatewayapi-v2\",outcome=\"refused\"} 1",
        "septet_requests_total{interface=\"none\",outcome=\"refused\"} 1",
        "septet_modem_ready{modem=\"one\"} 1",
        "septet_store_writable 1",
        "# TYPE septet_messages_waiting gauge",
        "# TYPE septet_commit_duration_seconds histogram",
    ] {
        assert!(page.contains(line), "{line} is not in\n{page}");
    }
    assert!(page.ends_with("# EOF\n"));
    // A proxy on this machine brings requests of others: they need the password.
    let metrics =
        || gateway.http.get(gateway.url("/metrics")).header("x-forwarded-for", "192.0.2.1");
    assert_eq!(metrics().send().await.unwrap().status(), 401);
    let by = async |user, password| {
        metrics().basic_auth(user, Some(password)).send().await.unwrap().status()
    };
    assert_eq!(by("operator", "wrong").await, 401);
    assert_eq!(by("operator", "operator").await, 200);
    assert!(words(&gateway.run(&["status"])).starts_with("ready\nmodem one (4520001204): ready"));
}

#[tokio::test(flavor = "multi_thread")]
async fn every_example_for_a_vendors_customer_is_accepted() {
    let key =
        "key = \"".to_owned() + &septet_host::config::key_hash("secret") + "\"\nnumber = 2532";
    let gateway = Gateway::start(&format!("{key}{VIRTUAL}")).await;
    let page = include_str!("../../docs/customers.md");
    let examples: Vec<&str> = page.split("```sh\n").skip(1).collect();
    for example in &examples {
        let example = example.split("```").next().unwrap();
        let done = Command::new("sh")
            .args(["-c", example])
            .env("GATEWAY", &gateway.running.url)
            .env("PASSWORD", "secret")
            .env("no_proxy", "127.0.0.1")
            .output()
            .unwrap();
        assert!(done.status.success(), "{example}\n{done:?}");
    }
    let list = words(&gateway.run(&["messages", "--search", "Hello from ", "--json"]));
    let list: serde_json::Value = serde_json::from_str(&list).unwrap();
    let interfaces: Vec<&str> =
        list.as_array().unwrap().iter().map(|one| one["interface"].as_str().unwrap()).collect();
    let mut known: Vec<&str> = septet::api::APIS.iter().map(|api| api.name).collect();
    assert_eq!((interfaces.len(), known.len()), (examples.len(), examples.len()), "{interfaces:?}");
    known.retain(|name| !interfaces.contains(name));
    assert!(known.is_empty(), "without an example: {known:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_empty_list_is_said_to_be_empty() {
    let gateway = Gateway::start(VIRTUAL).await;
    for (command, sentence) in [
        (&["messages"][..], "no message has been accepted yet\n"),
        (&["messages", "--limit", "3"], "no message has been accepted yet\n"),
        (&["messages", "--state", "not charged"], "no message is like that\n"),
        (&["optout", "demo"], "nobody is on the list\n"),
    ] {
        let output = gateway.run(command);
        assert!(output.status.success() && output.stdout.is_empty(), "{output:?}");
        assert_eq!(String::from_utf8(output.stderr).unwrap(), sentence, "{command:?}");
        let output = gateway.run(&[command, &["--json"]].concat());
        assert_eq!((output.stdout.as_slice(), output.stderr.len()), (b"[]\n".as_slice(), 0));
    }
}

#[test]
fn a_configuration_is_written_once_and_the_table_of_commands_is_told() {
    let folder = TempDir::new().unwrap();
    let septet = |arguments: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_septet"));
        command.args(arguments).current_dir(folder.path()).output().unwrap()
    };
    let made = septet(&["init", "--port", "tcp:127.0.0.1:4000", "--number", "4512340000"]);
    assert!(made.status.success(), "{made:?}");
    let text = fs::read_to_string(folder.path().join("septet.toml")).unwrap();
    let told = String::from_utf8(made.stderr).unwrap();
    for secret in told.lines().map(|line| line.rsplit(' ').next().unwrap()) {
        assert!(secret.len() >= 24 && !text.contains(secret));
    }
    assert_eq!(told.lines().count(), 3);
    assert!(text.contains("port = \"tcp:127.0.0.1:4000\""));
    let again = septet(&["init"]);
    assert_eq!(again.status.code(), Some(1));
    assert_eq!(
        String::from_utf8(again.stderr).unwrap(),
        "septet: septet.toml is there already, and is not overwritten: name another file with \
         --config, or move it away\n"
    );
    assert_eq!(fs::read_to_string(folder.path().join("septet.toml")).unwrap(), text);

    for shell in ["bash", "zsh", "fish"] {
        let script = String::from_utf8(septet(&["completions", shell]).stdout).unwrap();
        assert!(script.contains("bulk") && script.contains("serve"), "{shell}");
    }
    assert!(septet(&["man", "pages"]).status.success());
    let page = fs::read_to_string(folder.path().join("pages/septet-bulk.1")).unwrap();
    assert!(page.contains("A second run"), "{page}");
}

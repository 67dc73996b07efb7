//! From a handset's message to the customer whose keyword it begins with.

use septet_tests::{Customer, CustomerAnswer, Gateway, SIM, Wish};

const TAKEN: CustomerAnswer = (200, "text/plain", "cmd=asynch-no-trace");
const HANDSET: &str = "4512345678";

async fn gateway_for(customer: &Customer, path: &str) -> Gateway {
    let keyword_url = format!("{}{path}", customer.url);
    Gateway::start(Wish { keyword_url, ..Wish::default() }).await
}

/// The callback without the number that makes its id unique.
fn without_id(uri: &str) -> String {
    let (before, after) = uri.split_once("%3A").unwrap();
    let id_len = after.bytes().take_while(u8::is_ascii_digit).count();
    assert!(id_len > 0, "{uri}");
    format!("{before}%3A{}", &after[id_len..])
}

#[tokio::test]
async fn an_answer_goes_to_the_customer_of_its_keyword() {
    let customer = Customer::start(&[TAKEN]).await;
    let gateway = gateway_for(&customer, "/mo").await;
    gateway.network().send_from_handset(HANDSET, "1204", "test  blåbær & grød").unwrap();
    let asked = customer.asked_times(1).await;
    assert_eq!(
        without_id(&asked[0].1),
        "/mo?sender=4512345678&smsc=unknown&sessionid=4512345678%3A&appnr=1204&keyword=TEST\
         &text=bl%C3%A5b%C3%A6r+%26+gr%C3%B8d"
    );
}

#[tokio::test]
async fn a_keyword_alone_has_no_text_and_the_urls_own_query_is_kept() {
    let customer = Customer::start(&[TAKEN]).await;
    let gateway = gateway_for(&customer, "/mo?own=1").await;
    gateway.network().send_from_handset(HANDSET, SIM, "Test").unwrap();
    let asked = customer.asked_times(1).await;
    assert_eq!(
        without_id(&asked[0].1),
        "/mo?own=1&sender=4512345678&smsc=unknown&sessionid=4512345678%3A&appnr=1204&keyword=TEST"
    );
}

#[tokio::test]
async fn only_the_exact_answer_takes_the_message() {
    let wrong: [CustomerAnswer; 3] = [
        (200, "text/plain", "cmd=asynch-no-trace\n"),
        (200, "text/html", "cmd=asynch-no-trace"),
        (204, "text/plain", ""),
    ];
    let customer = Customer::start(&[wrong[0], wrong[1], wrong[2], TAKEN]).await;
    let gateway = gateway_for(&customer, "/mo").await;
    gateway.network().send_from_handset(HANDSET, "1204", "TEST a").unwrap();
    let asked = customer.asked_times(4).await;
    assert!(asked.iter().all(|(_, uri)| *uri == asked[0].1), "{asked:?}");
    // Taken: the next callback is for the next message.
    gateway.network().send_from_handset(HANDSET, "1204", "TEST b").unwrap();
    let asked = customer.asked_times(5).await;
    assert!(asked[4].1.ends_with("text=b"), "{asked:?}");
}

#[tokio::test]
async fn a_long_answer_is_one_callback_and_others_keywords_are_none() {
    let customer = Customer::start(&[TAKEN]).await;
    let gateway = gateway_for(&customer, "/mo").await;
    let network = gateway.network();
    network.send_from_handset(HANDSET, "1204", "TESTING is another word").unwrap();
    network.send_from_handset(HANDSET, "1204", "nothing for anybody").unwrap();
    let long = "长信😀".repeat(60);
    assert!(network.send_from_handset(HANDSET, "1204", &format!("TEST {long}")).unwrap() > 1);
    let asked = customer.asked_times(1).await;
    let text = asked[0].1.split_once("text=").unwrap().1;
    assert_eq!(text.len(), 3 * long.len(), "every octet is escaped");
    assert_eq!(asked.len(), 1);
}

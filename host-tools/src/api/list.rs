//! `septet api` and `septet api NAME`: what there is to ask.

use septet::api::{APIS, Api};

use super::credentials::ways;
use super::request::{carrier_name, listed};
use super::{calls, names};

/// The interfaces with the names of their calls.
pub fn interfaces() -> String {
    let width = APIS.iter().map(|api| api.name.len()).max().unwrap_or_default();
    let line = |api: &&Api| {
        let calls = listed(calls(api).map(|call| call.name()));
        format!("{:width$}  {calls}\n", api.name)
    };
    APIS.iter().map(line).collect()
}

/// The calls of an interface: methods, paths, carriers, fields, credentials.
pub fn calls_of(api: &Api) -> String {
    let mut out = String::new();
    for call in calls(api) {
        if !out.is_empty() {
            out.push('\n');
        }
        let methods = listed(call.methods());
        let is_callback = call.paths().is_empty();
        let paths = if is_callback { "a callback".to_owned() } else { listed(call.paths()) };
        out += &format!("{}  {methods}  {paths}\n", call.name());
        let names = names(call);
        if !names.is_empty() {
            out += &format!("  fields       {}\n", listed(names));
        }
        if call.methods().contains(&septet::api::Method::Post) {
            let carriers = listed(call.carriers().iter().map(|own| carrier_name(*own)));
            out += &format!("  carried by   {carriers}\n");
        }
        let ways = ways(call);
        if !ways.is_empty() {
            out += &format!("  credentials  {}\n", ways.join(", or "));
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use septet::api::api_named;

    #[test]
    fn every_interface_is_listed() {
        let list = interfaces();
        assert_eq!(list.lines().count(), APIS.len());
        assert!(list.contains("gatewayapi-v2  sendsms, dsn, mo\n"), "{list}");
    }

    #[test]
    fn calls_are_listed_with_what_they_take() {
        assert_eq!(
            calls_of(api_named("gatewayapi-v2").unwrap()),
            "sendsms  POST, GET  /legacy/http/v2/sendsms, /sendsms\n\
             \u{20} fields       to, smsc, price, text, sessionid, from, callbackurl, class, charset\n\
             \u{20} carried by   form, multipart\n\
             \u{20} credentials  user and password\n\
             \n\
             dsn  GET  a callback\n\
             \u{20} fields       sessionid, statuscode\n\
             \n\
             mo  GET  a callback\n\
             \u{20} fields       sender, smsc, sessionid, appnr, keyword, text\n"
        );
    }
}
